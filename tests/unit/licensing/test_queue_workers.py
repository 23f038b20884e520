"""Working off a queue: all of it, several at a time, whatever single things do."""

import asyncio
from collections import deque
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Unavailable
from app.services.licensing.queue_workers import QueueWorkers
from app.services.licensing.retries import Retries
from tests.waiting import eventually

NOW = datetime(2026, 6, 1, tzinfo=UTC)


class Queue:
    """Numbers to do; some fail, and all wait for the gate."""

    def __init__(self, *waiting: int, failing: set[int] | None = None) -> None:
        self.waiting = deque(waiting)
        self.done: list[int] = []
        self.at_once = self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.failing = failing or set()
        self.workers = QueueWorkers("numbers", self.take, self.work, 3)

    async def take(self) -> int | None:
        await asyncio.sleep(0)
        return self.waiting.popleft() if self.waiting else None

    async def work(self, one: int) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
            if one in self.failing:
                raise RuntimeError("one that fails")
            self.done.append(one)
        finally:
            self.at_once -= 1


async def test_everything_is_done_three_at_a_time() -> None:
    queue = Queue(*range(10))
    queue.gate.clear()
    queue.workers.kick()
    await eventually(lambda: queue.at_once == 3)
    queue.gate.set()
    await queue.workers.idle()
    assert sorted(queue.done) == list(range(10))
    assert queue.most_at_once == 3


async def test_one_that_fails_does_not_stop_the_others() -> None:
    queue = Queue(*range(10), failing={0, 1, 2, 5})
    queue.workers.kick()
    await queue.workers.idle()
    assert sorted(queue.done) == [3, 4, 6, 7, 8, 9]


async def test_what_comes_while_all_are_looking_is_not_forgotten() -> None:
    queue = Queue()
    for _ in range(3):
        queue.workers.kick()
    await asyncio.sleep(0)  # all three look, and find nothing
    queue.waiting.append(1)
    queue.workers.kick()
    await queue.workers.idle()
    assert queue.done == [1]


async def test_a_database_that_is_away_ends_the_round() -> None:
    async def away() -> int | None:
        raise Unavailable("away")

    workers = QueueWorkers("away", away, Queue().work, 3)
    workers.kick()
    await workers.idle()


async def test_after_the_end_nothing_is_taken() -> None:
    queue = Queue(1)
    await queue.workers.close()
    queue.workers.kick()
    await queue.workers.idle()
    assert list(queue.waiting) == [1]


async def test_pauses_double_up_to_their_cap() -> None:
    retries = Retries(base=timedelta(seconds=10), cap=timedelta(minutes=5), give_up_after=timedelta(days=1))
    for attempts, longest in [(1, 10), (2, 20), (4, 80), (6, 300), (10_000, 300)]:
        pauses = [retries.pause(attempts).total_seconds() for _ in range(200)]
        assert longest / 2 <= min(pauses) < max(pauses) <= longest


@pytest.mark.parametrize(("hours", "is_tried"), [(23, True), (24, False)])
async def test_after_a_day_nothing_is_tried_again(hours: int, is_tried: bool) -> None:
    retries = Retries(base=timedelta(seconds=10), cap=timedelta(minutes=5), give_up_after=timedelta(days=1))
    due = retries.next_at(3, NOW, NOW + timedelta(hours=hours))
    assert (due is not None) == is_tried
