"""One size of the benchmark `ingest`: a database of so many events, its server, and the same rows bare beside them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta

from app.clock import SystemClock
from app.container import Container
from app.repositories.mongo import Collection, Database
from app.repositories.stats_rollup_documents import EVENT_FIELDS
from app.repositories.stats_tallies import RAW_COLLECTIONS
from benchmarks.cpu import CpuMeter
from benchmarks.events import EventMaker
from benchmarks.exactness import Tally
from benchmarks.filling import add_tracks, fill
from benchmarks.ingest.bare import PREFIX, BareInserts, create_collections
from benchmarks.ingest.bodies import BATCH, EXPECTED, Batches
from benchmarks.load import Load, Slice, drive
from benchmarks.measured import Measured, Told
from benchmarks.mongod_defaults import take_defaults
from benchmarks.rolling_up import opened, roll_up
from benchmarks.stage import Ground, Stage, served

CONNECTIONS = 4

# Four batches at once are answered after a second on a slow machine: the measured time must begin when some have been,
# or the first second of each measurement counts as lost.
RUN_UP_SECONDS = 2.0

# Made ahead for a second of a variant that was not seen yet.
_FASTEST = 20
TRIAL_SECONDS = 1.0
"""Below it is a trial of the benchmark and not of the service: what is sent may as well be made when it is due."""
_FILLED_DAYS = 6


def service(size: int) -> str:
    """The variant that counts, over so many stored events."""
    return f"ingest, {size:,} stored"


def bare(size: int) -> str:
    """The variant that only inserts."""
    return f"insert_many, {size:,} stored"


class Side:
    """Both variants of one size; each has collections of its own, which grow alike."""

    def __init__(self, size: int, stage: Stage, house: Container, maker: EventMaker) -> None:
        self.variants = (service(size), bare(size))
        self._size = size
        self._port = stage.port
        self.house = house
        self._meter = CpuMeter(stage.server_pid, stage.mongod_pid)
        self._maker = maker
        self._batches: Batches | None = None
        self._bare = BareInserts(stage.mongodb_uri, stage.settings.mongodb_database)
        self._rates: dict[str, float] = {}
        self._acknowledged = 0
        self._failed = 0

    async def slice(self, variant: str, number: int, seconds: float) -> Measured:
        """Load one of the variants for a while."""
        # From the first slice on, so that both sizes get events of the same half hour.
        batches = self._batches = self._batches or Batches(self._maker, SystemClock().now())
        is_bare = variant == bare(self._size)
        if seconds >= TRIAL_SECONDS:
            ahead = round((RUN_UP_SECONDS + seconds) * 1.5 * self._rates.get(variant, _FASTEST)) + CONNECTIONS
            (batches.make_rows if is_bare else batches.make_requests)(ahead)
        before = self._meter.read()
        seen = await (self._insert(batches, seconds) if is_bare else self._send(batches, seconds))
        self._rates[variant] = seen.rate
        return Measured(variant, number, seen, self._meter.read() - before, BATCH)

    async def settle(self) -> None:
        """Roll up all that came, so that whoever is measured next does not pay for it."""
        await self.house.stats.rollups.run()

    async def tallies(self) -> list[Tally]:
        """Rows against counters, keys and buckets, of everything that was sent to the service."""
        db = self.house.mongo.db
        rows = [await db[name].count_documents({}) for name in RAW_COLLECTIONS.values()]
        total, saves = sum(rows), await db["save_events"].count_documents({})
        keys = await db["event_keys"].count_documents({})
        sent = (self._size + self._acknowledged * BATCH, self._failed * BATCH)
        counted = await _counted(db) + saves
        return [
            Tally(f"ingest, events over {self._size:,}", *sent, total, counted),
            Tally(f"ingest, keys over {self._size:,}", *sent, keys, total),
            Tally(f"ingest, buckets over {self._size:,}", *sent, total, await _in_buckets(db)),
        ]

    def close(self) -> None:
        """Let go of what is not the house's."""
        self._bare.close()

    async def _insert(self, batches: Batches, seconds: float) -> Slice:
        return await asyncio.to_thread(self._bare.run, batches, RUN_UP_SECONDS, seconds)

    async def _send(self, batches: Batches, seconds: float) -> Slice:
        load = Load(batches.request, EXPECTED, run_up=RUN_UP_SECONDS, seconds=seconds)
        seen = await drive(load, self._port, CONNECTIONS)
        self._acknowledged += seen.acknowledged
        self._failed += seen.failed
        return seen


@asynccontextmanager
async def side_of(ground: Ground, size: int, tell: Told) -> AsyncIterator[Side]:
    """A database of this size, filled and served."""
    database = f"playledger-bench-{size}"
    async with opened(ground.settings(database), ground.mongodb_uri, SystemClock()) as house:
        await take_defaults(house.mongo)
        tell("ingest: adding tracks")
        await add_tracks(house)
        create_collections(house.mongo.in_thread)
        maker = EventMaker(seed=size)
        await _fill(house, size, maker, tell)
        with ExitStack() as stack:
            side = Side(size, stack.enter_context(served(ground, database)), house, maker)
            stack.callback(side.close)
            yield side


async def _fill(house: Container, size: int, maker: EventMaker, tell: Told) -> None:
    """Store the events of some days and roll them up, before there is a server.

    A service that holds millions of events has rolled up its past long ago, and only follows what is new. Rows that
    are put beside one that runs have no marks, so its rollups would not see them.
    """
    tell(f"ingest: storing {size:,} events")
    now = SystemClock().now()
    moments = (now - timedelta(days=_FILLED_DAYS * (size - number) / size) for number in range(size))
    await asyncio.to_thread(fill, house.mongo, (maker.draw(at) for at in moments), PREFIX)
    tell(f"ingest: rolling {size:,} events up")
    await roll_up(house)


async def _counted(db: Database) -> int:
    return await _sum(db["tracks"], ["playCount", "likeCount", "shareCount", "downloadCount"])


async def _in_buckets(db: Database) -> int:
    return await _sum(db["daily_stats"], EVENT_FIELDS)


async def _sum(collection: Collection, fields: Sequence[str]) -> int:
    total = {"$sum": {"$add": [f"${field}" for field in fields]}}
    sums = await collection.aggregate([{"$group": {"_id": None, "events": total}}]).to_list(1)
    return int(sums[0]["events"]) if sums else 0
