"""Statistics: play events, what they add up to, and who may see it."""
