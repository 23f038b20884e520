"""The episodes wing: what a tenant shows, and how long it is watched."""
