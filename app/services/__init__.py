"""What Playledger decides."""
