"""Retention and replay heat of an episode, out of its buckets."""

from typing import Protocol

from app.models.episodes.curves import POINTS
from app.models.episodes.retention import Retention, RetentionPoint, StoredCurve


class Lengths(Protocol):
    """Knows how long episodes are."""

    async def duration(self, tenant: str, episode: int) -> int:
        """Seconds, or `NotFound`."""
        ...


class Curves(Protocol):
    """Reads buckets."""

    async def curve(self, episode: int) -> StoredCurve:
        """What those of an episode add up to."""
        ...


class RetentionService:
    """Answers where an episode loses its viewers; as fresh as the latest rollup."""

    def __init__(self, lengths: Lengths, curves: Curves) -> None:
        self._lengths = lengths
        self._curves = curves

    async def of(self, tenant: str, episode: int) -> Retention:
        """The curve of 100 points.

        Raises:
            NotFound: the tenant has no such episode.
            Unavailable: the database is away.
        """
        duration = await self._lengths.duration(tenant, episode)
        return shaped(episode, duration, await self._curves.curve(episode))


def shaped(episode: int, duration: int, stored: StoredCurve) -> Retention:
    """Shares of the views; all zero without any."""
    views = max(1, stored.views)
    points = tuple(
        RetentionPoint(at * duration / POINTS, reach / views, heat / views)
        for at, (reach, heat) in enumerate(zip(stored.curve.reach, stored.curve.heat, strict=True))
    )
    return Retention(episode, duration, stored.views, points, stored.computed_at)
