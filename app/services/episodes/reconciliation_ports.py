"""What comparing the derived numbers of views needs from outside, in its own words."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Protocol

from app.models.episodes.drift import Compared, NumberDrift
from app.models.jobs import Summary


class AudienceAudit(Protocol):
    """Reads audiences and viewers."""

    def batches(self) -> AsyncIterator[list[str]]:
        """All audiences, in batches."""
        ...

    async def suspects(self, keys: Sequence[str]) -> list[str]:
        """Those that may be off."""
        ...

    async def settle(self, key: str, *, repair: bool) -> NumberDrift | None:
        """The drift of one, in one snapshot."""
        ...


class BucketAudit(Protocol):
    """Reads buckets and views."""

    async def compare(self, show: int, day: date) -> Compared:
        """All buckets of a show on a day."""
        ...

    async def mark(self, show: int, day: date) -> None:
        """They are out of date."""
        ...


class WatchedShows(Protocol):
    """Knows when what was watched."""

    async def shows(self) -> Sequence[int]:
        """The shows that have views or buckets."""
        ...

    async def days_of(self, show: int) -> Sequence[date]:
        """Their days."""
        ...


class Repairs(Protocol):
    """Makes buckets anew."""

    async def run(self) -> Summary:
        """Those that are out of date."""
        ...
