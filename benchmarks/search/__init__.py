"""What a search costs that is kept, and one that is not, and how many upstream calls a cache spares."""
