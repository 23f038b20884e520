"""Copies catalogues of providers, step by step, and goes on after a crash."""
