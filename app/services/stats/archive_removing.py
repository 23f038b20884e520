"""The second half of archiving a day: rows that are in a verified part leave the database."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from app.clock import Clock
from app.errors import TransientFailure, Unavailable
from app.models.stats.archive import Part, Removal
from app.services.group_commit import Backoff
from app.services.stats.archive_ports import ArchivableEvents, ArchiveParts, ArchiveStore, Damaged

# Rows of one transaction; each is an entry in five indexes.
ROWS_AT_ONCE = 1_000
_ATTEMPTS = 20


class PartRemover:
    """Removes by the ids in the file itself, so whatever is not in the file stays, and a cut-off removal goes on."""

    def __init__(self, events: ArchivableEvents, parts: ArchiveParts, store: ArchiveStore, clock: Clock) -> None:
        self._events = events
        self._parts = parts
        self._store = store
        self._clock = clock
        self._backoff = Backoff()

    async def check(self, part: Part) -> None:
        """Read a part once more that was verified by an earlier run.

        Raises:
            Damaged: it does not hold any more what it did.
        """
        if not part.holds(await asyncio.to_thread(self._store.read_back, part.path)):
            raise Damaged(f"The archived file {part.path} does not hold any more the rows that were written into it")

    async def remove(self, part: Part, progress: Callable[[Removal], object]) -> bool:
        """Remove the rows of a part; whether none is left. `progress` hears of each transaction.

        Raises:
            Damaged: the file cannot be read.
            Unavailable: the database is away, or its rows are written too often.
        """
        held_back = 0
        batches = self._store.ids(part.path, ROWS_AT_ONCE)
        try:
            while ids := await asyncio.to_thread(next, batches, None):
                removal = await self._remove(part, ids)
                held_back += removal.held_back
                progress(removal)
        finally:
            # When we are cancelled, the thread may still be in it; it is closed when the thread lets go of it.
            with suppress(ValueError):
                batches.close()
        if held_back:
            return False
        await self._parts.finish(part, self._clock.now())
        return True

    async def _remove(self, part: Part, ids: Sequence[str]) -> Removal:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._events.remove(part.kind, part.day, ids)
            except TransientFailure as failure:
                await asyncio.sleep(self._backoff.pause(attempt, failure.reason))
        raise Unavailable("The rows of an archived day are written too often, please try again")
