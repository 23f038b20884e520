"""Who is asking: tokens, keys, roles."""
