"""What people keep of tracks, and what is like it."""
