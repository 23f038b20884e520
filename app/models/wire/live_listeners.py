"""Live listeners as they are shown."""

from datetime import timedelta
from typing import Self

from app.models.stats.listening import LiveCount
from app.models.wire.base import CamelModel


class LiveShown(CamelModel):
    """Sessions with a play of the track in the last `windowSeconds`."""

    track_id: str
    listeners: int
    window_seconds: int

    @classmethod
    def of(cls, count: LiveCount, window: timedelta) -> Self:
        """Show a count."""
        return cls(track_id=count.track_id, listeners=count.listeners, window_seconds=int(window.total_seconds()))
