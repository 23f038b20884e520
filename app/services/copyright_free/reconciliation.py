"""Compares every counter with the rows it counts, publishes the drift, and repairs it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Protocol

import structlog

from app.errors import TransientFailure, Unavailable
from app.metrics import DRIFT
from app.models.drift import DriftReport, SongDrift
from app.models.songs import SongKey
from app.services.group_commit import Backoff

log = structlog.get_logger(__name__)

COUNTERS = ("viewCount", "likeCount", "bookmarkCount")
_ATTEMPTS = 20


class CounterAudit(Protocol):
    """Reads counters and rows."""

    def batches(self) -> AsyncIterator[list[Any]]:
        """All songs, in batches."""
        ...

    async def suspects(self, batch: Sequence[Any], counter: str) -> list[SongKey]:
        """Songs whose counter may be off."""
        ...

    async def settle(self, song_key: SongKey, counter: str, *, repair: bool) -> SongDrift | None:
        """The drift of one song in one snapshot."""
        ...


class ReconciliationService:
    """Zero drift is the promise; this is how it is checked."""

    def __init__(self, audit: CounterAudit) -> None:
        self._audit = audit
        self._backoff = Backoff()

    async def run(self, *, repair: bool, progress: Callable[[int], object] = int) -> DriftReport:
        """Go through all songs; `progress` hears how many are done.

        Raises:
            Unavailable: the database is away, or a song is written too often to be judged.
        """
        songs = 0
        found: list[SongDrift] = []
        async for batch in self._audit.batches():
            for counter in COUNTERS:
                found += await self._drifting(batch, counter, repair)
            songs += len(batch)
            progress(songs)
        self._publish(found)
        return DriftReport(songs, tuple(found), is_repaired=repair)

    async def _drifting(self, batch: Sequence[Any], counter: str, repair: bool) -> list[SongDrift]:
        suspects = await self._audit.suspects(batch, counter)
        judged = [await self._judge(song_key, counter, repair) for song_key in suspects]
        return [drift for drift in judged if drift is not None]

    async def _judge(self, song_key: SongKey, counter: str, repair: bool) -> SongDrift | None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._audit.settle(song_key, counter, repair=repair)
            except TransientFailure as failure:
                await asyncio.sleep(self._backoff.pause(attempt, failure.reason))
        raise Unavailable("A song is written too often to be recounted, please try again")

    def _publish(self, found: Sequence[SongDrift]) -> None:
        for counter in COUNTERS:
            drift = sum(one.size for one in found if one.counter == counter)
            DRIFT.labels(counter).set(drift)
        for one in found:
            log.error("drift", song_id=one.song_id, counter=one.counter, stored=one.stored, counted=one.counted)
