"""A real mongod for a machine that has none running."""
