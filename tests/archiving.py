"""Raw events over many days, buckets for them, and the archive beside them, put together by hand."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.dataset
import pymongo
from bson import ObjectId

from app.models.stats.buckets import Bucket, Split
from app.models.stats.events import EventType, ExclusionKind
from app.models.stats.listeners import Listeners
from app.models.stats.periods import Granularity, Interval, Period
from app.models.stats.rollups import Computed
from app.repositories.leases import LeaseRepository
from app.repositories.mongo import Mongo, Session, snapshot_time
from app.repositories.stats_archivable import ArchivableEventRepository
from app.repositories.stats_archive_parts import ArchivePartRepository
from app.repositories.stats_dirt import StatsDirtRepository
from app.repositories.stats_rollup_documents import to_split
from app.repositories.stats_rollups import StatsRollupRepository
from app.repositories.stats_tallies import RAW_COLLECTIONS, By, Key, Slice, StatsTallyRepository
from app.services.stats.archive import ArchiveService
from app.services.stats.archive_files import ParquetArchive

NOW = datetime(2026, 6, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
RETENTION = timedelta(days=10)
FIRST_KEPT = datetime(2026, 6, 10, tzinfo=UTC)
EVER = Interval(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
TRACKS = [f"track-{number}" for number in range(5)]
NO_PERSON = {"userId", "ip", "userAgent"}

Rows = dict[EventType, list[dict[str, Any]]]


class Noon:
    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def random_rows(seed: int, count: int, days: int = 20) -> Rows:
    """Rows of all types; sums of their durations are exact, whatever the order."""
    source = random.Random(seed)
    rows: Rows = {kind: [] for kind in EventType}
    for number in range(count):
        kind = source.choices(list(EventType), [10, 3, 2, 2, 1])[0]
        rows[kind].append(random_row(source, number, kind, NOW - days * DAY * source.random()))
    return rows


def random_row(source: random.Random, number: int, kind: EventType, moment: datetime) -> dict[str, Any]:
    row: dict[str, Any] = {
        "_id": ObjectId(),
        "eventId": f"event-{number}",
        "trackId": source.choice(TRACKS),
        "sessionId": f"session-{source.randrange(200)}",
        "timestamp": moment.replace(microsecond=moment.microsecond // 1000 * 1000),
        "createdAt": NOW,
        "userAgent": "Mozilla/5.0",
        "ip": "203.0.113.0",
        "userId": "user-1",
        "source": source.choice(["player", "landing"]),
    }
    if source.random() < 0.5:
        row["country"] = source.choice(["NL", "DE"])
    if source.random() < 0.2:
        row["excluded"] = {"kind": source.choice(["bot", "own"]), "reason": "crawler", "ruleVersion": "1"}
    return row | _details(source, kind)


def _details(source: random.Random, kind: EventType) -> dict[str, Any]:
    if kind is EventType.PLAY:
        flags = {"skipped": source.random() < 0.3, "replayed": source.random() < 0.1}
        numbers = {"duration": source.randrange(2_000) / 8, "completionRate": float(source.randrange(101))}
        return flags | {name: value for name, value in numbers.items() if source.random() < 0.8}
    if kind is EventType.SHARE:
        return {"platform": source.choice(["embed", "twitter"])}
    if kind is EventType.DOWNLOAD:
        return {}
    said = {EventType.LIKE: ["like", "unlike"], EventType.SAVE: ["save", "unsave"]}[kind]
    return {"action": source.choice(said)}


async def put(mongo: Mongo, rows: Rows) -> None:
    """Rows of the ledger, with their tracks marked as the ingest marks them."""
    for kind, of_kind in rows.items():
        if of_kind:
            await mongo.db[RAW_COLLECTIONS[kind]].insert_many(of_kind)
    for track in TRACKS:
        await mongo.db["tracks"].update_one({"_id": track}, {"$setOnInsert": {"playCount": 7}}, upsert=True)
    await mark(mongo, {(row["trackId"], midnight(row["timestamp"])) for of_kind in rows.values() for row in of_kind})


async def mark(mongo: Mongo, pairs: set[tuple[str, datetime]]) -> None:
    days = {track: {day for one, day in pairs if one == track} for track, _ in pairs}
    await mongo.transaction(lambda session: StatsDirtRepository(mongo).put(session, days))


def midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


class DailyRollups:
    """Makes marked daily buckets anew, out of rows and what is archived; one moment, no more."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._dirt = StatsDirtRepository(mongo)
        self._tallies = StatsTallyRepository(mongo)
        self.runs = 0

    async def run(self) -> None:
        self.runs += 1
        computed = await self._mongo.snapshot(self._compute)
        await StatsRollupRepository(self._mongo).replace(computed, NOW)
        await self._dirt.clear(computed.dirt)
        covered = {"$setOnInsert": {"from": EVER.start}}
        await self._mongo.db["rollup_state"].update_one({"_id": "coverage"}, covered, upsert=True)

    def _compute(self, session: Session) -> Computed:
        dirt = self._dirt.read(session)
        buckets = [self._bucket(session, one.track_id, day) for one in dirt for day in one.days]
        return Computed(buckets, snapshot_time(session), dirt)

    def _bucket(self, session: Session, track: str, day: datetime) -> Bucket:
        found = [Slice(Interval(day, day + DAY), (track,))]
        split = self._tallies.tallies(session, found).get(Key(), Split())
        sketches = {None: Listeners(), ExclusionKind.BOT: Listeners(), ExclusionKind.OWN: Listeners()}
        for _, verdict, listener in self._tallies.sessions(session, found):
            sketches[verdict].add(listener)
        stored = self._mongo.in_thread["daily_stats"].find_one({"trackId": track, "date": day}, session=session) or {}
        if "archived" in stored:
            split.add(to_split(stored["archived"]))
            sketches[None].merge(bytes(stored["listeners"]))
        counted, bots = sketches[None], sketches[ExclusionKind.BOT]
        period = Period(day, Granularity.DAY)
        return Bucket(track, period, split, counted.estimate, "archived" in stored, counted, bots)


def archiver(mongo: Mongo, location: str, **changes: Any) -> ArchiveService:
    given: dict[str, Any] = {
        "events": ArchivableEventRepository(mongo, StatsTallyRepository(mongo), StatsDirtRepository(mongo)),
        "parts": ArchivePartRepository(mongo),
        "store": ParquetArchive(location),
        "rollups": DailyRollups(mongo),
        "leases": LeaseRepository(mongo),
        "retention": RETENTION,
        "clock": Noon(),
    }
    return ArchiveService(**(given | changes))


async def all_rows(mongo: Mongo) -> dict[EventType, dict[str, dict[str, Any]]]:
    """The raw rows that are in the database, by id."""
    return {
        kind: {str(row["_id"]): row async for row in mongo.db[name].find({})} for kind, name in RAW_COLLECTIONS.items()
    }


def archived_rows(location: str) -> dict[EventType, list[dict[str, Any]]]:
    """What any reader of Parquet finds in the archive."""
    found: dict[EventType, list[dict[str, Any]]] = {}
    for kind, name in RAW_COLLECTIONS.items():
        try:
            found[kind] = pyarrow.dataset.dataset(f"{location}/{name}", partitioning="hive").to_table().to_pylist()
        except FileNotFoundError:
            found[kind] = []
    return found


def as_archived(row: dict[str, Any]) -> dict[str, Any]:
    """What a reader should find of a row: its fields, flat, without what names a person."""
    excluded = row.get("excluded", {})
    kept = {name: value for name, value in row.items() if name not in NO_PERSON | {"excluded"}}
    kept |= {"_id": str(row["_id"]), "date": f"{row['timestamp']:%Y-%m-%d}"}
    return kept | {f"excluded{name.title()}": excluded[name] for name in ("kind", "reason") if excluded}


def without_nulls(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


async def truth(mongo: Mongo) -> dict[tuple[str, datetime], Split]:
    """Rows and `archived` together, by track and day, at one moment."""
    return await mongo.snapshot(lambda session: _truth(mongo, session))


def _truth(mongo: Mongo, session: Session) -> dict[tuple[str, datetime], Split]:
    by = By(track=True, granularity=Granularity.DAY)
    found = StatsTallyRepository(mongo).tallies(session, [Slice(EVER)], by)
    sums = {(key.track_id or "", key.start or NOW): split for key, split in found.items()}
    for track, day, split in _archived(mongo.in_thread["daily_stats"].find({}, session=session)):
        sums.setdefault((track, day), Split()).add(split)
    return {key: split for key, split in sums.items() if split.events}


def _archived(buckets: "pymongo.cursor.Cursor[dict[str, Any]]") -> Iterator[tuple[str, datetime, Split]]:
    for bucket in buckets:
        if "archived" in bucket:
            yield bucket["trackId"], bucket["date"], to_split(bucket["archived"])


async def archived_splits(mongo: Mongo) -> dict[tuple[str, datetime], Split]:
    """What the daily buckets say has left the database."""
    rows = await mongo.db["daily_stats"].find({"archived": {"$exists": True}}).to_list(None)
    return {(row["trackId"], row["date"]): to_split(row["archived"]) for row in rows}
