"""Pages, styles and scripts for a browser."""
