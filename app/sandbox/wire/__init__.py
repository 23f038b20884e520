"""The wire formats of the providers, one file each; what is known of them is in the file's docstring."""
