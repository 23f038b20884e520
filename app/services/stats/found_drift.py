"""Gathers what a comparison finds."""

from collections.abc import Callable, Sequence
from datetime import datetime

from app.models.stats.drift import BucketDrift, Compared, StatsDriftReport, TrackDrift


class Audit:
    """Gathers what is found."""

    def __init__(self, at: datetime, progress: Callable[[int], object] = int) -> None:
        self._at = at
        self._progress = progress
        self._tracks = self._compared = 0
        self._found: list[TrackDrift] = []
        self._in_buckets: list[BucketDrift] = []

    def take_counters(self, tracks: int, found: Sequence[TrackDrift]) -> None:
        """So many tracks were compared."""
        self._tracks += tracks
        self._found += found
        self._progress(self._tracks + self._compared)

    def take_buckets(self, compared: Compared) -> None:
        """These buckets were compared."""
        self._compared += compared.buckets
        self._in_buckets += compared.found
        self._progress(self._tracks + self._compared)

    def report(self, *, is_repaired: bool, is_complete: bool = True) -> StatsDriftReport:
        """All of it."""
        return StatsDriftReport(
            self._at,
            self._tracks,
            tuple(self._found),
            self._compared,
            tuple(self._in_buckets),
            is_repaired=is_repaired,
            is_complete=is_complete,
        )
