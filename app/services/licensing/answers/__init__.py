"""Answers of providers that are kept: shared by all processes, asked for once."""
