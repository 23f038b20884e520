"""Shapes of the licensing wing."""
