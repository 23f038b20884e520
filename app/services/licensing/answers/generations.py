"""Which answers still count: what this process knows of the emptying of shelves, never older than a second."""

import asyncio
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

import structlog

from app.clock import Clock
from app.errors import Unavailable
from app.models.licensing.cache import Shelf
from app.services.licensing.answers.ports import StoredGenerations

log = structlog.get_logger(__name__)

_RENEWED_AFTER = timedelta(milliseconds=500)
_TRUSTED_FOR = timedelta(seconds=1)
# When the database is slow or away, what is in memory still serves.
_WAITED_SECONDS = 0.25


class Generations:
    """Reads all numbers in one query, beside the requests while there are many, and before one that comes late."""

    def __init__(self, store: StoredGenerations, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: Mapping[Shelf, int] = {}
        self._asked_at: datetime | None = None
        self._asking: asyncio.Task[None] | None = None
        self.epoch = 0
        """Changes whenever any shelf was emptied."""

    async def of(self, shelf: Shelf) -> int:
        """The generation of a shelf.

        Raises:
            Unavailable: the database is away, and was since we began.
        """
        await self.be_recent()
        return self._known.get(shelf, 0)

    async def be_recent(self) -> None:
        """Come back with what held less than a second ago; with what is known, when the database does not answer.

        Raises:
            Unavailable: nothing is known.
        """
        age = None if self._asked_at is None else self._clock.now() - self._asked_at
        if age is not None and timedelta(0) <= age < _RENEWED_AFTER:
            return
        asking = self._ask()
        if age is None:
            await asyncio.shield(asking)
        elif age >= _TRUSTED_FOR or age < timedelta(0):
            await asyncio.wait([asking], timeout=_WAITED_SECONDS)

    async def advance(self, shelves: Collection[Shelf]) -> None:
        """Begin a new generation on these shelves: here at once, elsewhere within a second.

        Raises:
            Unavailable: the database is away.
        """
        self._learn(await self._store.advance(shelves))

    async def close(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])

    def _ask(self) -> asyncio.Task[None]:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._read(), name="cache-generations")
            self._asking.add_done_callback(_look_at)
        return self._asking

    async def _read(self) -> None:
        began = self._clock.now()
        try:
            self._learn(await self._store.all())
        except Unavailable:
            if self._asked_at is None:
                raise
            log.warning("cache_generations_unknown")
        self._asked_at = began

    def _learn(self, read: Mapping[Shelf, int]) -> None:
        """They only grow, so that an answer that was on its way cannot undo a later one."""
        learned = {shelf: max(number, self._known.get(shelf, 0)) for shelf, number in read.items()}
        if learned != self._known:
            self._known = learned
            self.epoch += 1


def _look_at(task: asyncio.Task[None]) -> None:
    """The one who waited for it may have gone; an error that nobody looks at would be reported as a fault."""
    if not task.cancelled():
        task.exception()
