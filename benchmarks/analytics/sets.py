"""A year of events in a database of its own, rolled up, and a server over it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import datetime, timedelta
from random import Random
from urllib.request import Request, urlopen

from app.clock import SystemClock
from app.container import Container
from benchmarks.analytics.questions import Question
from benchmarks.cpu import CpuMeter
from benchmarks.events import EventMaker
from benchmarks.filling import add_tracks, fill
from benchmarks.measured import Told
from benchmarks.rolling_up import opened, roll_up
from benchmarks.stage import Ground, Stage, served

_DAYS = 364


class Set:
    """One set of events and who answers about it."""

    def __init__(self, size: int, stage: Stage, house: Container, now: datetime) -> None:
        self.size = size
        self.stage = stage
        self.house = house
        self.now = now
        self.meter = CpuMeter(stage.server_pid, stage.mongod_pid)

    def plays(self, question: Question) -> int:
        """The plays that the service answers."""
        head = question.request(self.stage.secret).split(b"Authorization: ")[1].split(b"\r\n")[0].decode()
        request = Request(f"http://127.0.0.1:{self.stage.port}{question.path}", headers={"Authorization": head})
        with urlopen(request, timeout=60) as answer:
            data = json.loads(answer.read())["data"]
        return int((data.get("plays") or data.get("overview"))["totalPlays"])


@asynccontextmanager
async def filled(ground: Ground, size: int, tell: Told) -> AsyncIterator[Set]:
    """A set of `size` events over the last year, rolled up."""
    database = f"playledger-bench-{size}"
    with ExitStack() as stack:
        async with opened(ground.settings(database), ground.mongodb_uri, SystemClock()) as house:
            tell(f"analytics: storing {size:,} events of a year")
            await add_tracks(house)
            now = SystemClock().now()
            await asyncio.to_thread(fill, house.mongo, EventMaker(size).shuffled(_moments(size, now)))
            tell(f"analytics: rolling {size:,} events up")
            await roll_up(house)
            stage = stack.enter_context(served(ground, database))
            yield Set(size, stage, house, now)


def _moments(size: int, now: datetime) -> list[datetime]:
    """Evenly over a year: every stretch of a day or more has its share."""
    random = Random(size)
    length = timedelta(days=_DAYS) / size
    return [now - length * (number + random.random()) for number in range(size)]
