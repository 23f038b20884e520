"""What waits to be written to one client, and the end of that client when it is too much."""

import asyncio
from collections import deque
from collections.abc import Callable

from engineio.packet import Packet

Item = Packet | None
"""A packet, or `None`: the writer's sign to end."""


class Outbox:
    """A bounded stand-in for the `asyncio.Queue` between Engine.IO and the writer of one client.

    It refuses by ending the client instead of letting the sender wait: one reader that does not read must not hold up
    an update for all others. `get` returns a future and not a coroutine, which saves Engine.IO's `wait_for` a task
    for every packet on Python 3.11.
    """

    __slots__ = ("_getters", "_items", "_limit", "_overflowed", "on_overflow")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: deque[Item] = deque()
        self._getters: deque[asyncio.Future[Item]] = deque()
        self._overflowed = False
        self.on_overflow: Callable[[], object] = lambda: None

    def __len__(self) -> int:
        return len(self._items)

    def put_nowait(self, item: Item) -> None:
        """Add a packet; one too many empties the box, and calls `on_overflow` once."""
        if self._overflowed and item is not None:
            return
        if len(self._items) >= self._limit and item is not None:
            self._overflow()
        elif not self._hand_over(item):
            self._items.append(item)

    async def put(self, item: Item) -> None:
        """Add a packet without ever waiting."""
        self.put_nowait(item)

    def get(self) -> asyncio.Future[Item]:
        """The next packet, as a future."""
        future: asyncio.Future[Item] = asyncio.get_running_loop().create_future()
        if self._items:
            future.set_result(self._items.popleft())
        else:
            self._getters.append(future)
        return future

    def get_nowait(self) -> Item:
        """The next packet.

        Raises:
            asyncio.QueueEmpty: there is none.
        """
        if not self._items:
            raise asyncio.QueueEmpty
        return self._items.popleft()

    def discard(self) -> None:
        """Drop what waits, take no more, and let the writer end."""
        self._overflowed = True
        self._items.clear()
        self.put_nowait(None)

    def task_done(self) -> None:
        """Part of the queue's interface; nothing is counted."""

    async def join(self) -> None:
        """Part of the queue's interface; returns at once, since a writer that is gone would be waited for forever."""

    def _overflow(self) -> None:
        self.discard()
        self.on_overflow()

    def _hand_over(self, item: Item) -> bool:
        while self._getters:
            getter = self._getters.popleft()
            if not getter.done():
                getter.set_result(item)
                return True
        return False
