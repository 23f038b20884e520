"""Notices that providers send, and those that subscribers get."""
