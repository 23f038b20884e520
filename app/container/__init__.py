"""Lists everything concrete, wing by wing: what talks to what, and in which order it begins and ends."""

from app.container.house import Container

__all__ = ["Container"]
