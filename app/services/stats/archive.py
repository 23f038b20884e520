"""Retention: raw events past their time go into the archive, and leave the database once they are read back there."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from app.clock import Clock
from app.metrics import ARCHIVE_FAULTS, ARCHIVED_EVENTS
from app.models.stats.archive import ArchiveReport, Part, Removal
from app.models.stats.events import EventType
from app.models.stats.periods import day_of
from app.services.stats.archive_lease import archiving_alone
from app.services.stats.archive_ports import ArchivableEvents, ArchiveParts, ArchiveStore, Damaged, Leases, Rollups
from app.services.stats.archive_removing import PartRemover
from app.services.stats.archive_writing import PartWriter

log = structlog.get_logger(__name__)

Progress = Callable[[ArchiveReport], object]

_ALWAYS = datetime.min.replace(tzinfo=UTC)
_DAY = timedelta(days=1)


class ArchiveService:
    """Archives whole days, oldest first, type by type.

    A row leaves the database in the transaction that adds it to `archived` of its bucket, so rows and `archived`
    together are the same at every moment; only after its file was read back; and only while its bucket, with the
    sketch that holds its session, is right. A process that is killed anywhere loses and doubles nothing: the next run
    goes on with parts that are verified, and gives up the others.
    """

    def __init__(
        self,
        events: ArchivableEvents,
        parts: ArchiveParts,
        store: ArchiveStore,
        rollups: Rollups,
        leases: Leases,
        retention: timedelta,
        clock: Clock,
    ) -> None:
        self._events = events
        self._parts = parts
        self._store = store
        self._rollups = rollups
        self._leases = leases
        self._retention = retention
        self._clock = clock
        self._writer = PartWriter(events, parts, store, clock)
        self._remover = PartRemover(events, parts, store, clock)

    async def run(self, *, older_than: timedelta | None = None, progress: Progress | None = None) -> ArchiveReport:
        """Archive every day that ended longer ago than the retention, or than `older_than`.

        `progress` hears of each step. A damaged file is told of in `faults` of the report, and its rows stay.

        Raises:
            Conflict: another process is archiving.
            Failed: the archive cannot be written; everything stays that is not archived yet.
            Invalid: no file system is installed for the archive's address.
            Unavailable: the database is away; the next run goes on.
        """
        run = _Run(progress)
        before = day_of(self._clock.now() - (self._retention if older_than is None else older_than))
        await asyncio.to_thread(self._store.open)
        async with archiving_alone(self._leases):
            await self._writer.clean_up()
            await self._rollups.run()
            unfinished = [part for part in await self._parts.verified() if not await self._go_on(part, run)]
            stuck = {(part.kind, part.day) for part in unfinished}
            for kind in EventType:
                await self._archive(kind, before, stuck, run)
        return run.report

    async def _go_on(self, part: Part, run: "_Run") -> bool:
        """Finish what an earlier run has begun."""
        try:
            await self._remover.check(part)
            return await self._remover.remove(part, run.removed)
        except Damaged as damage:
            run.fault(damage)
            return False

    async def _archive(
        self, kind: EventType, before: datetime, stuck: set[tuple[EventType, datetime]], run: "_Run"
    ) -> None:
        day = await self._events.next_day(kind, _ALWAYS, before)
        while day is not None:
            # Rows of a part that is verified and not finished are in a file already: another would hold them twice.
            if (kind, day) not in stuck:
                await self._archive_day(kind, day, run)
            day = await self._events.next_day(kind, day + _DAY, before)

    async def _archive_day(self, kind: EventType, day: datetime, run: "_Run") -> None:
        if not await self._events.is_rolled_up(kind, day):
            run.postponed()
            return
        try:
            written = await self._writer.write(kind, day)
            if written is not None:
                part, size = written
                run.written(part, size)
                await self._remover.remove(part, run.removed)
        except Damaged as damage:
            run.fault(damage)


class _Run:
    """Keeps the report of one run, and tells of it."""

    def __init__(self, progress: Progress | None) -> None:
        self.report = ArchiveReport()
        self._progress = progress

    def written(self, part: Part, size: int) -> None:
        self.report.parts += 1
        self.report.rows += part.rows
        self.report.bytes += size
        log.info("archived", path=part.path, rows=part.rows, bytes=size)
        self._tell()

    def removed(self, removal: Removal) -> None:
        self.report.removed += removal.removed
        self.report.held_back += removal.held_back
        ARCHIVED_EVENTS.inc(removal.removed)
        self._tell()

    def postponed(self) -> None:
        self.report.postponed += 1
        self._tell()

    def fault(self, damage: Damaged) -> None:
        self.report.faults.append(damage.message)
        ARCHIVE_FAULTS.inc()
        log.error("archive_damaged", fault=damage.message)
        self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self.report)
