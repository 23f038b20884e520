"""Players that report batches of events until each is acknowledged, and remember what they were told."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import aiohttp

from app.models.stats.events import EventType
from tests.waiting import eventually

EVENTS = "/api/stats/events"
# Within these the service has answered, whatever has happened to its database: after five by itself, and the rest is
# what may hold up both ends on the way. A driver that is left to itself takes 14 to notice that a server is silent.
MOST_SECONDS = 10
Event = dict[str, Any]

_MORE = {
    EventType.LIKE: ("action", ("like", "like", "unlike")),
    EventType.SAVE: ("action", ("save", "unsave")),
    EventType.SHARE: ("platform", ("embed", "twitter")),
}


def event(source: random.Random, tracks: Sequence[str], days: int = 3) -> Event:
    """One event of any type, of the last days."""
    kind = source.choice([EventType.PLAY, EventType.PLAY, *EventType])
    past = timedelta(seconds=1 + source.randrange(days * 86_400))
    said: Event = {
        "eventId": str(UUID(int=source.getrandbits(128))),
        "type": kind.value,
        "trackId": source.choice(tracks),
        "sessionId": f"session-{source.randrange(500)}",
        "timestamp": (datetime.now(UTC) - past).isoformat(),
    }
    if kind is EventType.PLAY:
        said |= {"duration": source.randrange(400), "source": source.choice(["player", "search"])}
    if kind is EventType.SAVE:
        said["playlistId"] = "morning"
    if kind in _MORE:
        name, choices = _MORE[kind]
        said[name] = source.choice(choices)
    return said


def batches(seed: str, tracks: Sequence[str], size: int) -> Iterator[list[Event]]:
    """New batches without end."""
    source = random.Random(seed)
    while True:
        yield [event(source, tracks) for _ in range(size)]


@dataclass
class Players:
    """Each sends one batch after the other, and one that was not acknowledged again, as an app would."""

    address: str
    work: list[Iterator[list[Event]]]
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    sent: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    reported: int = 0
    told: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    _stopping: bool = False
    _load: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def playing(self) -> AsyncIterator[None]:
        """They play meanwhile; at the end, what was begun is brought to its acknowledgement."""
        self._load = asyncio.create_task(self.play())
        try:
            yield
        finally:
            self._stopping = True
            await asyncio.wait_for(self._load, 120)

    async def play(self) -> None:
        """Until told to stop, or out of batches."""
        async with aiohttp.ClientSession(self.address, timeout=aiohttp.ClientTimeout(total=30)) as session:
            await asyncio.gather(*(self._player(session, work) for work in self.work))

    async def _player(self, session: aiohttp.ClientSession, work: Iterator[list[Event]]) -> None:
        for batch in work:
            if self._stopping:
                return
            self.sent |= {one["eventId"] for one in batch}
            while not await self._report(session, batch):
                await asyncio.sleep(0.05)
            await asyncio.sleep(self.pause)

    async def _report(self, session: aiohttp.ClientSession, batch: list[Event]) -> bool:
        began = asyncio.get_running_loop().time()
        try:
            async with session.post(EVENTS, json=batch, headers=self.headers) as answer:
                content = await answer.json()
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.statuses[0] += 1
            return False
        finally:
            self.slowest = max(self.slowest, asyncio.get_running_loop().time() - began)
        self.statuses[answer.status] += 1
        if answer.status != 200:
            return False
        self.reported += len(batch)
        self.told.update({name: content[name] for name in ("accepted", "duplicates", "rejected")})
        self.acknowledged |= {one["eventId"] for one in batch}
        return True

    async def progress(self, batches_more: int) -> None:
        """Wait until so many batches more are acknowledged."""
        enough = self.statuses[200] + batches_more

        def is_enough() -> bool:
            assert self._load is not None
            assert not self._load.done(), "they have stopped by themselves"
            return self.statuses[200] >= enough

        await eventually(is_enough, 120)

    def assert_told(self, *, new: int) -> None:
        """That so many were new, of all that they reported, and the others repeats.

        A batch that was refused (503) may have been counted all the same, and is one of repeats when it comes again.
        """
        assert self.told["rejected"] == 0
        assert self.told["accepted"] + self.told["duplicates"] == self.reported
        if self.statuses[503]:
            assert self.told["accepted"] <= new
        else:
            assert self.told["accepted"] == new
