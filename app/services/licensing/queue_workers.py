"""Works off a queue in the background, several things at a time, for as long as there are any."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

import structlog

from app.errors import Unavailable

log = structlog.get_logger(__name__)

T = TypeVar("T")

_PATIENCE_SECONDS = 3.0


class QueueWorkers(Generic[T]):
    """Up to `at_once` tasks, each of which takes one thing after the other; none while there is nothing to do.

    What a task was at when it failed or was cut off comes back by the lease of whoever keeps the queue.
    """

    def __init__(
        self,
        name: str,
        take: Callable[[], Awaitable[T | None]],
        work: Callable[[T], Awaitable[None]],
        at_once: int,
    ) -> None:
        self._name = name
        self._take = take
        self._work = work
        self._at_once = at_once
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_kicked = False
        self._is_closed = False

    def kick(self) -> None:
        """There may be something to do; needs a running loop."""
        if self._is_closed:
            return
        if len(self._tasks) >= self._at_once:
            # All may have looked before it was there.
            self._is_kicked = True
            return
        task = asyncio.create_task(self._run(), name=self._name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def idle(self) -> None:
        """Wait until nothing is due that can be done here."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Take no more, and give what is in hand a few seconds to end."""
        self._is_closed = True
        if self._tasks:
            _done, late = await asyncio.wait(self._tasks, timeout=_PATIENCE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._is_kicked:
            self._is_kicked = False
            self.kick()

    async def _run(self) -> None:
        try:
            while not self._is_closed and (one := await self._take()) is not None:
                self.kick()  # where there was one, there may be more
                await self._do(one)
        except Unavailable:
            log.warning("queue_interrupted", queue=self._name)
        except Exception:
            log.exception("queue_failed", queue=self._name)

    async def _do(self, one: T) -> None:
        try:
            await self._work(one)
        except Unavailable:
            raise
        except Exception:
            # One that always fails must not keep the others waiting.
            log.exception("queued_work_failed", queue=self._name)
