"""Speaks to music providers: one file each, behind one Protocol."""
