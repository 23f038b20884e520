"""The copyright-free wing: one counted view per user and song."""
