"""Events of known sums, sent through faults to the real service, and its numbers held against those sums."""
