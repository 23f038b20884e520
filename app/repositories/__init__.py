"""MongoDB: collections, queries, transactions."""
