"""The benchmark `ingest`: events a second through HTTP ÷ bare rows a second, over few and over many stored events."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import uvloop

from app.clock import SystemClock
from app.container import Container
from app.repositories.mongo import Database
from app.repositories.stats_tallies import RAW_COLLECTIONS
from benchmarks.contests import Outcome
from benchmarks.cpu import CpuMeter
from benchmarks.events import EventMaker
from benchmarks.exactness import Tally
from benchmarks.filling import add_tracks, fill
from benchmarks.ingest.bare import PREFIX, BareInserts, create_collections
from benchmarks.ingest.bodies import BATCH, EXPECTED, Batches
from benchmarks.load import Load, Slice, drive
from benchmarks.machine import describe
from benchmarks.measured import Measured, Options, Told
from benchmarks.mongod_cache import take_default_cache
from benchmarks.ratios import Ratio, judge, of_rates
from benchmarks.rolling_up import opened, roll_up
from benchmarks.rounds import RUN_UP_SECONDS, in_turns
from benchmarks.stage import Stage, mongod_and_server

FEW = 100_000
CONNECTIONS = 4

_GOAL_OF_BARE, _GOAL_OF_FLATNESS = 0.35, 0.85
# Made ahead for a second of a variant that was not seen yet.
_FASTEST = 40
_WARM_UP_SECONDS = 1.0
_FILLED_DAYS = 6


class Ingest:
    """Counting events against inserting rows."""

    names: Sequence[str] = ("ingest",)

    def run(self, _wanted: Sequence[str], options: Options, tell: Told) -> Outcome:
        """Measure on a stage of its own."""
        with mongod_and_server() as stage:
            return uvloop.run(_measure(stage, options, tell))


async def _measure(stage: Stage, options: Options, tell: Told) -> Outcome:
    async with opened(stage.settings, stage.mongodb_uri, SystemClock()) as house:
        await take_default_cache(house.mongo)
        tell("adding tracks")
        await add_tracks(house)
        create_collections(house.mongo.in_thread)
        contest = _Contest(stage, house)
        outcome = Outcome(await describe(house.mongo))
        sizes = (min(FEW, options.stored // 5), options.stored)
        for size in sizes:
            await contest.fill_up_to(size, tell)
            outcome.measured += await contest.rounds(size, options, tell)
        contest.close()
        outcome.findings = judge(_ratios(sizes), outcome.measured)
        outcome.tallies = await contest.tallies()
    return outcome


class _Contest:
    """Both sides on one database, each with collections of its own that grow alike."""

    def __init__(self, stage: Stage, house: Container) -> None:
        self._port = stage.port
        self._house = house
        self._meter = CpuMeter(stage.server_pid, stage.mongod_pid)
        self._maker = EventMaker(seed=1)
        self._batches = Batches(self._maker, SystemClock().now())
        self._bare = BareInserts(stage.mongodb_uri, stage.settings.mongodb_database)
        self._rates: dict[str, float] = {}
        self._filled = 0
        self._acknowledged = 0
        self._failed = 0

    async def fill_up_to(self, size: int, tell: Told) -> None:
        """Put so many events beside those that were measured that there are `size`, and roll them up.

        A service that holds millions of events has rolled up its past long ago, and only follows what is new.
        """
        missing = size - self._filled - BATCH * self._acknowledged
        if missing <= 0:
            return
        tell(f"ingest: storing {missing:,} events")
        now = SystemClock().now()
        moments = (now - timedelta(days=_FILLED_DAYS * number / missing) for number in range(missing))
        events = (self._maker.draw(at) for at in moments)
        self._filled += await asyncio.to_thread(fill, self._house.mongo, events, PREFIX)
        tell(f"ingest: rolling {self._filled:,} events up")
        await roll_up(self._house)

    async def rounds(self, size: int, options: Options, tell: Told) -> list[Measured]:
        """Warm up, then measure in turns."""
        variants = (service(size), bare(size))
        for variant in variants:
            tell(f"warming up: {variant}")
            await self._slice(variant, -1, min(_WARM_UP_SECONDS, options.seconds))
        measured = []
        for number, variant in in_turns(variants, options.rounds):
            tell(f"round {number + 1} of {options.rounds}: {variant}")
            measured.append(await self._slice(variant, number, options.seconds))
        return measured

    async def tallies(self) -> list[Tally]:
        """Rows against counters, and keys against rows, of everything that was sent to the service."""
        db = self._house.mongo.db
        rows = [await db[name].count_documents({}) for name in RAW_COLLECTIONS.values()]
        total, saves = sum(rows), await db["save_events"].count_documents({})
        keys = await db["event_keys"].count_documents({})
        sent = (self._filled + self._acknowledged * BATCH, self._failed * BATCH)
        counted = await _counted(db) + saves
        return [Tally("ingest, events", *sent, total, counted), Tally("ingest, keys", *sent, keys, total)]

    def close(self) -> None:
        """Let go of what is not the house's."""
        self._bare.close()

    async def _slice(self, variant: str, number: int, seconds: float) -> Measured:
        ahead = round((RUN_UP_SECONDS + seconds) * 1.5 * self._rates.get(variant, _FASTEST)) + CONNECTIONS
        is_bare = variant.startswith(_BARE)
        (self._batches.make_rows if is_bare else self._batches.make_requests)(ahead)
        before = self._meter.read()
        seen = await (self._insert(seconds) if is_bare else self._send(seconds))
        self._rates[variant] = seen.rate
        return Measured(variant, number, seen, self._meter.read() - before, BATCH)

    async def _insert(self, seconds: float) -> Slice:
        return await asyncio.to_thread(self._bare.run, self._batches, RUN_UP_SECONDS, seconds)

    async def _send(self, seconds: float) -> Slice:
        load = Load(self._batches.request, EXPECTED, run_up=RUN_UP_SECONDS, seconds=seconds)
        seen = await drive(load, self._port, CONNECTIONS)
        self._acknowledged += seen.acknowledged
        self._failed += seen.failed
        return seen


_BARE = "insert_many"


def service(size: int) -> str:
    """The variant that counts, from so many stored events on."""
    return f"ingest, {size:,} stored"


def bare(size: int) -> str:
    """The variant that only inserts."""
    return f"{_BARE}, {size:,} stored"


def _ratios(sizes: Sequence[int]) -> list[Ratio]:
    few, many = sizes
    ratios = [
        Ratio("ingest", f"events/s ÷ insert_many, {size:,} stored", (service(size), bare(size)), _GOAL_OF_BARE,
              of_rates(service(size), bare(size)))
        for size in sizes
    ]  # fmt: skip
    title = f"events/s, {many:,} ÷ {few:,} stored"
    flat = of_rates(service(many), service(few))
    return [*ratios, Ratio("ingest", title, (service(many), service(few)), _GOAL_OF_FLATNESS, flat)]


async def _counted(db: Database) -> int:
    counters = ["$playCount", "$likeCount", "$shareCount", "$downloadCount"]
    group = {"$group": {"_id": None, "events": {"$sum": {"$add": counters}}}}
    sums = await db["tracks"].aggregate([group]).to_list(1)
    return int(sums[0]["events"]) if sums else 0
