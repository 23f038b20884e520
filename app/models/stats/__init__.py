"""What the statistics wing speaks of."""
