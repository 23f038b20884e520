"""Compares audiences and buckets with the rows that they were made from, publishes the drift, and repairs it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date

import structlog

from app.errors import TransientFailure, Unavailable
from app.metrics import EPISODE_DRIFT
from app.models.episodes.drift import EpisodeDriftReport, NumberDrift
from app.services.episodes.reconciliation_ports import AudienceAudit, BucketAudit, Repairs, WatchedShows
from app.services.group_commit import Backoff

log = structlog.get_logger(__name__)

AUDIENCES, BUCKETS = "viewers", "buckets"
_ATTEMPTS = 20
_LOGGED = 100

Progress = Callable[[int], object]


class EpisodeReconciliationService:
    """Zero drift is the promise; this is how it is checked."""

    def __init__(self, audiences: AudienceAudit, buckets: BucketAudit, watched: WatchedShows, rollups: Repairs) -> None:
        self._audiences = audiences
        self._buckets = buckets
        self._watched = watched
        self._rollups = rollups
        self._backoff = Backoff()

    async def run(self, *, repair: bool = True, progress: Progress = int) -> EpisodeDriftReport:
        """Compare everything; `progress` hears how many audiences and buckets are done.

        Raises:
            Unavailable: the database is away, or an audience is written too often to be judged.
        """
        compared, found = await self._compare_audiences(repair, progress)
        buckets, found_in_buckets = await self._compare_buckets(repair, lambda done: progress(compared + done))
        report = EpisodeDriftReport(compared, buckets, tuple(found), tuple(found_in_buckets), is_repaired=repair)
        _publish(report)
        return report

    async def _compare_audiences(self, repair: bool, progress: Progress) -> tuple[int, list[NumberDrift]]:
        done: set[str] = set()
        found: list[NumberDrift] = []
        async for batch in self._audiences.batches():
            for key in await self._audiences.suspects([one for one in batch if one not in done]):
                drift = await self._judge(key, repair)
                found += [] if drift is None else [drift]
            done.update(batch)
            progress(len(done))
        return len(done), found

    async def _judge(self, key: str, repair: bool) -> NumberDrift | None:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._audiences.settle(key, repair=repair)
            except TransientFailure as failure:
                await asyncio.sleep(self._backoff.pause(attempt, failure.reason))
        raise Unavailable("An audience is written too often to be recounted, please try again")

    async def _compare_buckets(self, repair: bool, progress: Progress) -> tuple[int, list[NumberDrift]]:
        done = 0
        found: list[NumberDrift] = []
        drifting: list[tuple[int, date]] = []
        for show in await self._watched.shows():
            for day in await self._watched.days_of(show):
                compared = await self._buckets.compare(show, day)
                done += compared.documents
                found += compared.found
                drifting += [(show, day)] if compared.found else []
                progress(done)
        if repair:
            await self._repair(drifting)
        return done, found

    async def _repair(self, drifting: Sequence[tuple[int, date]]) -> None:
        """Marked first, so that no reader believes them any more, and then made anew."""
        for show, day in drifting:
            await self._buckets.mark(show, day)
        if drifting:
            await self._rollups.run()


def _publish(report: EpisodeDriftReport) -> None:
    EPISODE_DRIFT.labels(AUDIENCES).set(report.drift)
    EPISODE_DRIFT.labels(BUCKETS).set(report.drifting_buckets)
    for one in (*report.found_in_audiences, *report.found_in_buckets)[:_LOGGED]:
        log.error("episode_drift", key=one.key, field=one.field, stored=one.stored, counted=one.counted)
