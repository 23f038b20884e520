"""Who listens at present."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiveCount:
    """A track (by its own id), and how many sessions listen to it."""

    track_id: str
    listeners: int
