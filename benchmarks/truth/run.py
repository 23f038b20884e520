"""The run: day after day is sent, the service is killed in between, and then all numbers are compared."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import aiohttp

from benchmarks.truth.batches import Request, requests_of
from benchmarks.truth.findings import Findings
from benchmarks.truth.generator import Day, Generator, Size, arrival_of
from benchmarks.truth.moving_clock import ClockHand
from benchmarks.truth.sending import Clients, Receipts
from benchmarks.truth.service import KillableService
from benchmarks.truth.truth import Truth
from benchmarks.truth.world import World

Told = Callable[[int], None]

_LARGEST, _SMALLEST = 1_000, 20
# With four and more batches a day there is something to kill.
_BATCHES_A_DAY = 8
# A day that is sent for longer would mix up what is ahead of the clock, late, or too late.
_LONGEST_DAY = timedelta(minutes=4)
_AFTER_THE_END = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sent, by how many clients, and how often the service is killed meanwhile."""

    size: Size
    clients: int
    kills: int
    seed: int


@dataclass(slots=True)
class Sent:
    """What the sending was like."""

    receipts: Receipts
    seconds: float = 0.0
    expected_rejections: int = 0
    slow_days: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Events a second, with all kills and starts."""
        return self.receipts.sent / self.seconds if self.seconds else 0.0


class Run:
    """Sends everything; afterwards the clock stands still half an hour after the last arrival."""

    def __init__(self, plan: Plan, world: World, service: KillableService, hand: ClockHand, clients: Clients) -> None:
        self.truth = Truth(world)
        self.sent = Sent(clients.receipts)
        self._plan = plan
        self._world = world
        self._service = service
        self._hand = hand
        self._clients = clients
        # Apart from the generator's, so that other batches do not make other events.
        self._random = Random(f"{plan.seed} sending")
        self._largest = min(_LARGEST, max(_SMALLEST, plan.size.events // plan.size.days // _BATCHES_A_DAY))

    async def send(self, told: Told) -> datetime:
        """Send all days, and return the moment at which the clock stands."""
        kills = set(self._random.sample(range(self._plan.size.days), self._plan.kills))
        for day in Generator(self._world, self._plan.size, self._plan.seed).days():
            self.truth.take(day.new)
            await self._send(day, is_killed=day.number in kills)
            told(self.sent.receipts.sent)
        now = arrival_of(self._plan.size.days - 1) + _AFTER_THE_END
        self._hand.stop(now)
        return now

    async def _send(self, day: Day, *, is_killed: bool) -> None:
        requests = requests_of(day.deliveries, self._largest, self._random)
        self.sent.expected_rejections += sum(len(one.refusals) for one in requests)
        self._hand.set(day.arrival)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._clients.send(requests, self._plan.clients))
            if is_killed:
                group.create_task(self._kill_amid(requests))
        self.sent.seconds += time.monotonic() - began
        self._service.note_memory()
        if self._hand.now() > day.arrival + _LONGEST_DAY:
            self.sent.slow_days.append(day.number)

    async def _kill_amid(self, requests: list[Request]) -> None:
        """`kill -9` while a random one of the requests is on its way, then start again."""
        at = self.sent.receipts.batches + self._random.randrange(max(1, len(requests) - self._plan.clients))
        while self.sent.receipts.batches < at:  # noqa: ASYNC110 - an event would have to be set for every batch
            await asyncio.sleep(0.001)
        await asyncio.sleep(self._random.random() / 20)
        self._service.kill()
        await asyncio.to_thread(self._service.start)


def check_receipts(sent: Sent, truth: Truth, findings: Findings) -> None:
    """Every event has one receipt, and every event that happened was accepted once.

    A batch whose answer was lost is sent again, and what it counted is then a duplicate.
    """
    section = findings.section("receipts")
    noted = sent.receipts
    for mistake in noted.mistakes:
        section.differ(mistake)
    section.equal("accepted + duplicates + rejected", noted.accepted + noted.duplicates + noted.rejected, noted.sent)
    section.equal("rejected", noted.rejected, sent.expected_rejections)
    missing = len(truth.events) - noted.accepted
    section.equal(f"{missing} accepted without an answer, of {noted.in_doubt}", 0 <= missing <= noted.in_doubt, True)
    section.equal("days that took too long to be sent", sent.slow_days, [])


def open_session(address: str) -> aiohttp.ClientSession:
    """For all requests of the run."""
    timeout = aiohttp.ClientTimeout(total=60)
    return aiohttp.ClientSession(address, timeout=timeout, connector=aiohttp.TCPConnector(limit=32))
