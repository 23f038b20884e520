"""Group commit: one transaction for all who wait, so that a crowd on one song is as fast as a crowd on many."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Generic, TypeVar

import structlog

from app.errors import DomainError, TransientFailure, Unavailable
from app.services.group_commit.backoff import Backoff
from app.services.group_commit.contract import Bounds, Commit, Merging
from app.services.group_commit.group import Entry, Waiter, merge
from app.services.group_commit.observer import GroupObserver, PrometheusObserver, Refusal

Item = TypeVar("Item")
Result = TypeVar("Result")

log = structlog.get_logger(__name__)

_DEFAULT_BOUNDS = Bounds()


def _weigh_one(_item: object) -> int:
    return 1


class GroupCommit(Generic[Item, Result]):
    """Gathers items while a commit is in flight and commits the next group at once when it ends.

    An idle engine commits immediately, so nobody waits for a timer, unless the bounds keep commits apart. Callers hand
    in an item with `submit` and get the result of their own item. `after_commit` hears of a group's results only once
    they are durable.
    """

    def __init__(
        self,
        name: str,
        commit: Commit[Item, Result],
        *,
        merging: Merging[Item] | None = None,
        weigh: Callable[[Item], int] = _weigh_one,
        bounds: Bounds = _DEFAULT_BOUNDS,
        backoff: Backoff | None = None,
        after_commit: Callable[[Sequence[Result]], None] | None = None,
        observer: GroupObserver | None = None,
    ) -> None:
        self._commit = commit
        self._merging = merging
        self._weigh = weigh
        self._bounds = bounds
        self._backoff = backoff or Backoff()
        self._after_commit = after_commit
        self._observer = observer or PrometheusObserver(name)
        self._log = log.bind(engine=name)
        self._queue: deque[Waiter[Item, Result]] = deque()
        self._waiting_weight = 0
        self._pump: asyncio.Task[None] | None = None
        self._next_at = 0.0
        self._closed = False

    async def submit(self, item: Item) -> Result:
        """Make the item durable and return its result.

        Cancelling the caller changes nothing for the others; its item may still be committed.

        Raises:
            Unavailable: the queue is full, the engine is closed, or `patience` ran out. The outcome may be unknown in
                the last case; the same item can be submitted again.
            DomainError: the commit refused this item.
        """
        waiter = self._enqueue(item)
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._bounds.patience.total_seconds(), self._give_up, waiter)
        try:
            return await waiter.future
        finally:
            timer.cancel()

    async def close(self, patience: timedelta = timedelta(seconds=10)) -> None:
        """Refuse new items, commit those that wait, and end; what is left after `patience` is refused."""
        self._closed = True
        if self._pump is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._pump), patience.total_seconds())
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)
        for waiter in self._queue:
            self._give_up(waiter)

    def _enqueue(self, item: Item) -> Waiter[Item, Result]:
        weight = self._weigh(item)
        if self._closed:
            raise Unavailable("The service is shutting down, please try again")
        if self._waiting_weight + weight > self._bounds.max_waiting and self._queue:
            self._observer.refused(Refusal.FULL)
            raise Unavailable("Too much is waiting to be written, please try again")
        # Not `Waiter[Item, Result](…)`: going through the alias costs as much as all else here.
        waiter: Waiter[Item, Result] = Waiter(item, weight, asyncio.get_running_loop().create_future())
        self._queue.append(waiter)
        self._waiting_weight += weight
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run(), name="group-commit")
        return waiter

    def _give_up(self, waiter: Waiter[Item, Result]) -> None:
        if not waiter.future.done():
            self._observer.refused(Refusal.LATE)
            waiter.future.set_exception(Unavailable("The database did not answer in time, please try again"))

    async def _run(self) -> None:
        while self._queue:
            # At least one turn of the loop: every request that is ready in this moment joins the group.
            await asyncio.sleep(self._next_at - self._now())
            self._next_at = self._now() + self._bounds.apart.total_seconds()
            group = self._take()
            if group:
                await self._settle(group)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _take(self) -> list[Entry[Item, Result]]:
        """The next group: those who still wait, in order, up to the bound; one item may exceed it alone."""
        taken: list[Waiter[Item, Result]] = []
        room = self._bounds.max_group
        while self._queue and (not taken or self._queue[0].weight <= room):
            waiter = self._queue.popleft()
            self._waiting_weight -= waiter.weight
            if not waiter.future.done():
                taken.append(waiter)
                room -= waiter.weight
        self._observer.waiting(self._waiting_weight)
        return merge(taken, self._merging)

    async def _settle(self, group: list[Entry[Item, Result]]) -> None:
        """Commit the group; when one item poisons it, halve it until that item fails alone."""
        try:
            results = await self._commit_with_retries(group)
        except TransientFailure:
            self._refuse(group)
        except asyncio.CancelledError:
            self._refuse(group)
            raise
        except Exception as error:  # noqa: BLE001 - whatever one item causes must not reach the others
            await self._isolate(group, error)
        else:
            for entry, result in zip(group, results, strict=True):
                entry.settle(result)

    async def _isolate(self, group: list[Entry[Item, Result]], error: Exception) -> None:
        if len(group) == 1:
            self._observer.refused(Refusal.POISON)
            self._log.error("item_refused", error_type=type(error).__name__, exc_info=error)
            group[0].settle(error)
            return
        middle = len(group) // 2
        await self._settle(group[:middle])
        await self._settle(group[middle:])

    def _refuse(self, group: list[Entry[Item, Result]]) -> None:
        for entry in group:
            for waiter in entry.waiters:
                self._give_up(waiter)

    async def _commit_with_retries(self, group: list[Entry[Item, Result]]) -> Sequence[Result | DomainError]:
        """Commit, again and again while somebody still waits for the outcome.

        Every waiter has its own deadline, so this ends by itself when the last of them was given up.
        """
        items = [entry.item for entry in group]
        attempt = 0
        while True:
            try:
                with self._observer.commit(len(items)):
                    results = await self._commit(items)
                    if len(results) != len(items):
                        raise RuntimeError(f"{len(items)} items were committed, but {len(results)} results came back")
            except TransientFailure as failure:
                self._observer.retried(failure.reason)
                attempt += 1
                await asyncio.sleep(self._backoff.pause(attempt, failure.reason))
                if not any(entry.is_awaited for entry in group):
                    raise
            else:
                self._tell(results)
                return results

    def _tell(self, results: Sequence[Result | DomainError]) -> None:
        if self._after_commit is None:
            return
        try:
            self._after_commit([result for result in results if not isinstance(result, DomainError)])
        except Exception:  # noqa: BLE001 - the items are durable; a listener cannot undo that
            self._log.exception("after_commit_failed")
