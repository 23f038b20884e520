"""Asking again and again for what nobody publishes, and not at all while nobody watches."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from app.errors import Unavailable

log = structlog.get_logger(__name__)


class Polling:
    """Calls `check` at intervals for as long as `is_watched`; a check that failed is made up for by the next one."""

    def __init__(
        self, name: str, check: Callable[[], Awaitable[None]], is_watched: Callable[[], bool], interval_seconds: float
    ) -> None:
        self._name = name
        self._check = check
        self._is_watched = is_watched
        self._interval = interval_seconds
        self._watched = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Somebody watches."""
        self._watched.set()

    async def start(self) -> None:
        """Begin to ask."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self._watched.wait()
            await asyncio.sleep(self._interval)
            if not self._is_watched():
                self._watched.clear()
                continue
            try:
                await self._check()
            except Unavailable:
                log.warning("rooms cannot be looked after at present", rooms=self._name)
            except Exception:
                log.exception("rooms were not told", rooms=self._name)
