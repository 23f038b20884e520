"""A small catalogue to try Playledger with: songs that sound, made by the project itself."""
