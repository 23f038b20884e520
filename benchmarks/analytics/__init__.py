"""What a year's statistics cost to ask for, over many events and over few, and against reading the rows."""
