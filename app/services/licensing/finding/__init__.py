"""Searches over all providers, and single tracks."""
