"""The syncs that this process works on, side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import structlog

from app.errors import Unavailable
from app.services.licensing.sync.worker import SyncWorker

log = structlog.get_logger(__name__)

JOBS_AT_ONCE = 8
"""Each holds one page of a catalogue."""


class SyncTasks:
    """Background tasks, one for a job; `ended` is called after each."""

    def __init__(self, worker: SyncWorker, ended: Callable[[], Awaitable[None]]) -> None:
        self._worker = worker
        self._ended = ended
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(JOBS_AT_ONCE)
        self._is_closed = False

    def begin(self, job_ids: Iterable[str]) -> None:
        """Work on those that are not worked on here, unless another process does; needs a running loop."""
        for job_id in job_ids:
            if job_id not in self._tasks and not self._is_closed:
                task = asyncio.create_task(self._work(job_id), name=job_id)
                self._tasks[job_id] = task
                task.add_done_callback(self._forget)

    async def idle(self) -> None:
        """Wait until nothing is worked on."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def close(self) -> None:
        """Stop, and begin no more."""
        self._is_closed = True
        for task in self._tasks.values():
            task.cancel()
        await self.idle()

    def _forget(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task.get_name()]

    async def _work(self, job_id: str) -> None:
        try:
            async with self._turns:
                await self._worker.work(job_id)
            await self._ended()
        except Unavailable:
            log.warning("sync_interrupted", job=job_id)
        except Exception:
            log.exception("sync_lost", job=job_id)
