"""Writes the reference in `docs/reference/` from the application itself; `make docs` runs it."""
