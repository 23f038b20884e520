"""The first half of archiving a day: its rows are written into a new part, and read back."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Event

from app.clock import Clock
from app.errors import Failed, Unavailable
from app.models.stats.archive import ArchivedEvent, Contents, Part, PartState
from app.models.stats.events import EventType
from app.services.stats.archive_ports import ArchivableEvents, ArchiveParts, ArchiveStore, Damaged

# A process that stands still for longer than its lease lives may still put a file under the name of a part that others
# have given up; after this time nobody expects that any more.
_GHOSTS_FOR = timedelta(days=7)


class PartWriter:
    """Makes parts that can be relied on. A part that did not come so far is given up, its file removed."""

    def __init__(self, events: ArchivableEvents, parts: ArchiveParts, store: ArchiveStore, clock: Clock) -> None:
        self._events = events
        self._parts = parts
        self._store = store
        self._clock = clock

    async def write(self, kind: EventType, day: datetime) -> tuple[Part, int] | None:
        """Write all rows of a day and read them back: the verified part and its bytes, `None` when there were no rows.

        Raises:
            Damaged: what was read back is not what was written; nothing is left of it.
            Failed: it could not be written; nothing is left of it.
            Conflict: another process is at it.
            Unavailable: the database is away.
        """
        part = await self._parts.begin(kind, day, self._clock.now())
        stop = Event()
        try:
            return await self._fill(part, stop)
        except BaseException:
            # Cancelled, too: the thread that writes is told to end, so that it does not write on by itself.
            stop.set()
            with suppress(Failed, Unavailable):
                await self._give_up(part)
            raise

    async def clean_up(self) -> None:
        """Remove what killed processes have left.

        Raises:
            Failed: a file could not be removed.
            Unavailable: the database is away.
        """
        for part in await self._parts.leftovers(self._clock.now() - _GHOSTS_FOR):
            await self._give_up(part)

    async def _fill(self, part: Part, stop: Event) -> tuple[Part, int] | None:
        read = Contents()
        pages = _counted(self._events.pages(part.kind, part.day), read, stop)
        size = await asyncio.to_thread(self._store.write, part.path, part.kind, pages)
        if not read.rows:
            await self._give_up(part)
            return None
        written = await self._parts.advance(part, PartState.WRITTEN, self._clock.now(), read, size)
        if not written.holds(await asyncio.to_thread(self._store.read_back, part.path)):
            raise Damaged(f"The archived file {part.path} does not hold the rows that were written into it")
        return await self._parts.advance(written, PartState.VERIFIED, self._clock.now(), read, size), size

    async def _give_up(self, part: Part) -> None:
        is_mine = part.state is PartState.ABANDONED or await self._parts.abandon(part, self._clock.now())
        if is_mine:
            await asyncio.to_thread(self._store.remove, part.path)


def _counted(pages: Iterable[list[ArchivedEvent]], contents: Contents, stop: Event) -> Iterator[list[ArchivedEvent]]:
    for page in pages:
        if stop.is_set():
            raise InterruptedError
        contents.add(row.id for row in page)
        yield page
