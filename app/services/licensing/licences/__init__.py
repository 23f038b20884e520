"""Terms, evidence, and whether a use is licensed."""
