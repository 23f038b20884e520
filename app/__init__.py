"""Playledger counts plays exactly once: views, play events, licences and watch time, live."""

__version__ = "0.1.0"
