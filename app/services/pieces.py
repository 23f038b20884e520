"""Writes to many rows in transactions of bounded size, which leave room for others and get smaller in a crowd."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from app.errors import FailureReason, TransientFailure, Unavailable
from app.services.group_commit import Backoff

Item = TypeVar("Item")
Result = TypeVar("Result")

LARGEST = 500
_ATTEMPTS = 40

# Between two transactions, twice as long as the last one took. Without it, no batch of events got through while a
# user's 10,000 events on 1,000 tracks were erased: each of them met a counter that had changed since it began. With
# it, a third of the usual 21,000 events a second did, and the erasure went at 900 rows a second instead of 6,500.
_ROOM = 2.0

Step = Callable[[Sequence[Item], bool], Awaitable[Result]]
"""One transaction over some items; the flag says that an attempt with an unknown outcome has gone before it."""


class Pieces:
    """The size and the pace of transactions over many rows.

    One over 500 rows may change as many counters, and each of them may be written by somebody else in these
    milliseconds. Of two such transactions one is refused as a whole, so the piece is halved after a conflict (a
    single row gets through as any view does), and doubled again after each success.
    """

    def __init__(self, largest: int = LARGEST, backoff: Backoff | None = None) -> None:
        self.largest = largest
        self._size = largest
        self._backoff = backoff or Backoff()
        self._next_at = 0.0

    async def apply(self, items: Sequence[Item], step: Step[Item, Result]) -> AsyncIterator[Result]:
        """Run `step`, which must be safe to repeat, over all items in order, and yield what each transaction gave.

        Raises:
            Unavailable: the database is away, or a single row is written all the time; what was yielded is done.
        """
        done = in_doubt_to = attempt = 0
        while done < len(items):
            is_in_doubt = done < in_doubt_to
            end = done + self._size
            piece = items[done : min(end, in_doubt_to) if is_in_doubt else end]
            try:
                result = await self._run(step, piece, is_in_doubt)
            except TransientFailure as failure:
                attempt += 1
                if failure.reason is FailureReason.UNKNOWN:
                    in_doubt_to = max(in_doubt_to, done + len(piece))
                await self._make_way(failure, attempt)
                continue
            yield result
            done, attempt = done + len(piece), 0
            self._size = min(self.largest, self._size * 2)

    async def _run(self, step: Step[Item, Result], piece: Sequence[Item], is_in_doubt: bool) -> Result:
        await asyncio.sleep(max(0.0, self._next_at - time.monotonic()))
        began = time.monotonic()
        result = await step(piece, is_in_doubt)
        ended = time.monotonic()
        self._next_at = ended + _ROOM * (ended - began)
        return result

    async def _make_way(self, failure: TransientFailure, attempt: int) -> None:
        if failure.reason is FailureReason.AWAY:
            raise Unavailable("The database is away, please try again") from failure
        if attempt >= _ATTEMPTS:
            raise Unavailable("A row is written too often to be changed, please try again") from failure
        if failure.reason is FailureReason.CONFLICT:
            self._size = max(1, self._size // 2)
        await asyncio.sleep(self._backoff.pause(attempt, failure.reason))
