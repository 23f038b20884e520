"""Shapes of the episodes wing: shows, seasons, episodes, who watched them and how long."""
