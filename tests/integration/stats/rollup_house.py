"""Rolling up over the database of the tests, and a recount of raw rows in plain Python that knows nothing of it."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from app.repositories.leases import LeaseRepository
from app.repositories.mongo import Mongo
from app.repositories.stats_audit import StatsAuditRepository
from app.repositories.stats_backfills import StatsBackfillRepository
from app.repositories.stats_bucket_audit import StatsBucketAuditRepository
from app.repositories.stats_coverage import StatsCoverageRepository
from app.repositories.stats_day_turns import READ_AGAIN_AT_ONCE
from app.repositories.stats_day_updates import READ_WHOLE_AT_ONCE
from app.repositories.stats_days import BUSY_FROM, StatsDayRepository
from app.repositories.stats_dirt import StatsDirtRepository
from app.repositories.stats_periods import StatsPeriodRepository
from app.repositories.stats_platform import StatsPlatformRepository
from app.repositories.stats_rollups import StatsRollupRepository
from app.repositories.stats_tallies import StatsTallyRepository
from app.services.stats.backfills import BackfillService
from app.services.stats.bucket_making import BucketMaker
from app.services.stats.rebuilds import Rebuilder
from app.services.stats.reconciliation import StatsReconciliationService
from app.services.stats.rollups import RollupService

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SOURCES = ["landing", "playlist", "search", "direct", "share", "player"]


class Clock:
    def __init__(self, now: datetime = NOW) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time


OPEN: list["House"] = []


async def close_all() -> None:
    """End what works in the background: it would go on in the next test's database."""
    while OPEN:
        await OPEN.pop().backfills.close()


@dataclass
class House:
    """One process: its services, over repositories that a test may break."""

    mongo: Mongo
    clock: Clock
    dirt: StatsDirtRepository
    days: StatsDayRepository
    rollups_store: StatsRollupRepository
    periods: StatsPeriodRepository
    platform: StatsPlatformRepository
    coverage: StatsCoverageRepository
    store: StatsBackfillRepository
    rollups: RollupService
    backfills: BackfillService
    reconciliation: StatsReconciliationService

    async def mark(self, *places: tuple[str, datetime]) -> None:
        days = defaultdict(list)
        for track_id, moment in places:
            days[track_id].append(moment.replace(hour=0, minute=0, second=0, microsecond=0))
        await self.mongo.transaction(lambda session: self.dirt.put(session, days))

    async def is_clean(self) -> bool:
        return (
            await self.mongo.db["tracks"].find_one({"$or": [{"isDirty": True}, {"dirty": {"$nin": [None, {}]}}]})
            is None
        )


def house(
    mongo: Mongo,
    clock: Clock | None = None,
    busy_from: int = BUSY_FROM,
    read_whole: int = READ_WHOLE_AT_ONCE,
    read_again: int = READ_AGAIN_AT_ONCE,
) -> House:
    clock = clock or Clock()
    tallies, dirt, rollups = StatsTallyRepository(mongo), StatsDirtRepository(mongo), StatsRollupRepository(mongo)
    days = StatsDayRepository(mongo, tallies, dirt, rollups, busy_from, read_whole, read_again)
    periods, platform = StatsPeriodRepository(mongo, rollups), StatsPlatformRepository(mongo, tallies, rollups)
    coverage, store = StatsCoverageRepository(mongo), StatsBackfillRepository(mongo)
    maker = BucketMaker(days, periods, platform, rollups, clock)
    rebuilder = Rebuilder(days, periods, coverage, maker)
    backfills = BackfillService(store, coverage, rebuilder, LeaseRepository(mongo), clock)
    service = RollupService(days, rollups, platform, dirt, maker, rebuilder, backfills, clock)
    audit = StatsBucketAuditRepository(mongo, days, periods, platform, rollups, dirt)
    reconciliation = StatsReconciliationService(
        StatsAuditRepository(mongo), audit, days, periods, coverage, service, clock
    )
    built = House(
        mongo, clock, dirt, days, rollups, periods, platform, coverage, store, service, backfills, reconciliation
    )
    OPEN.append(built)
    return built


async def add_tracks(mongo: Mongo, *keys: Any) -> None:
    await mongo.db["tracks"].insert_many({"_id": key, "artistId": "artist-1"} for key in keys)


def play(track: Any, moment: datetime, session: str = "s", **fields: Any) -> dict[str, Any]:
    row = {"_id": ObjectId(), "trackId": track, "sessionId": session, "timestamp": moment, "source": "player"}
    return row | {"skipped": False, "replayed": False} | fields


def random_rows(
    seed: int, tracks: list[Any], start: datetime, days: int, count: int
) -> dict[str, list[dict[str, Any]]]:
    """Events of all types, some excluded, some with fields missing, by collection."""
    chance = random.Random(seed)
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _ in range(count):
        moment = start + timedelta(milliseconds=chance.randrange(days * 86_400_000))
        row = play(chance.choice(tracks), moment, f"session-{chance.randrange(60)}", source=chance.choice(SOURCES))
        if chance.random() < 0.15:
            row["excluded"] = {"kind": chance.choice(["bot", "own"]), "reason": "r", "ruleVersion": "1"}
        collection = chance.choice(
            ["play_events"] * 4 + ["like_events", "save_events", "share_events", "download_events"]
        )
        row |= _details(chance, collection)
        rows[collection].append(row)
    return rows


def _details(chance: random.Random, collection: str) -> dict[str, Any]:
    if collection == "play_events":
        details: dict[str, Any] = {"skipped": chance.random() < 0.3, "replayed": chance.random() < 0.2}
        if chance.random() < 0.8:
            details |= {"duration": chance.randrange(1, 2400) / 8, "completionRate": chance.randrange(0, 800) / 8}
        return details | ({"country": chance.choice(["NL", "KE", "BR"])} if chance.random() < 0.7 else {})
    if collection == "share_events":
        return {"platform": chance.choice(["embed", "twitter"])}
    actions = {"like_events": ["like", "unlike"], "save_events": ["save", "unsave"]}.get(collection)
    return {"action": chance.choice(actions)} if actions else {}


async def insert(mongo: Mongo, rows: dict[str, list[dict[str, Any]]]) -> None:
    for collection, of_type in rows.items():
        if of_type:
            await mongo.db[collection].insert_many(of_type)


PERIODS = {
    "daily_stats": ("date", lambda moment: moment),
    "weekly_stats": ("weekStart", lambda moment: moment - timedelta(days=moment.isoweekday() - 1)),
    "monthly_stats": ("monthStart", lambda moment: moment.replace(day=1)),
    "yearly_stats": ("year", lambda moment: moment.year),
}
_NAMES = {"like": "totalLikes", "unlike": "totalUnlikes", "save": "totalSaves", "unsave": "totalUnsaves"}
_COLLECTIONS = ("play_events", "like_events", "save_events", "share_events", "download_events")


async def recount(mongo: Mongo, collection: str, *, by_track: bool = True) -> dict[tuple[str, Any], dict[str, Any]]:
    """What every bucket of a collection should say, from the rows alone; excluded ones are left out."""
    _, period_of = PERIODS[collection]
    found: dict[tuple[str, Any], dict[str, Any]] = {}
    sessions: dict[tuple[str, Any], set[str]] = defaultdict(set)
    for raw in _COLLECTIONS:
        async for row in mongo.db[raw].find({"excluded": {"$exists": False}}):
            day = row["timestamp"].replace(hour=0, minute=0, second=0, microsecond=0)
            place = (str(row.get("trackId") or "") if by_track else "", period_of(day))
            _count(found.setdefault(place, defaultdict(int)), raw, row)
            if raw == "play_events":
                sessions[place].add(str(row.get("sessionId") or ""))
    for place, bucket in found.items():
        bucket["uniquePlays"] = len(sessions[place])
    return {place: dict(bucket) for place, bucket in found.items()}


def _count(bucket: dict[str, Any], raw: str, row: dict[str, Any]) -> None:
    if raw == "play_events":
        bucket["totalPlays"] += 1
        bucket["durationSum"] += row.get("duration") or 0
        bucket["durationCount"] += "duration" in row
        bucket["completionSum"] += row.get("completionRate") or 0
        bucket["completionCount"] += "completionRate" in row
        bucket["skippedPlays"] += row.get("skipped") is True
        bucket["replayedPlays"] += row.get("replayed") is True
        for name in ("source", "country"):
            if isinstance(row.get(name), str):
                bucket[f"{name}Breakdown.{row[name]}"] += 1
    elif raw == "share_events":
        bucket["totalShares"] += 1
        if "platform" in row:
            bucket[f"platformBreakdown.{row['platform']}"] += 1
    elif raw == "download_events":
        bucket["totalDownloads"] += 1
    elif row.get("action") in _NAMES:
        bucket[_NAMES[row["action"]]] += 1


def flat(stored: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a stored bucket that are not zero, as `recount` names them."""
    numbers: Counter[str] = Counter()
    for name, value in stored.items():
        if name.endswith("Breakdown"):
            numbers.update({f"{name}.{key}": count for key, count in value.items()})
        elif name.startswith(("total", "duration", "completion", "skipped", "replayed", "uniquePlays")):
            numbers[name] = value
    del numbers["uniquePlaysIsEstimate"]
    return {name: value for name, value in numbers.items() if value}


async def stored(mongo: Mongo, collection: str) -> dict[tuple[str, Any], dict[str, Any]]:
    """What every bucket of a collection says; empty ones are left out."""
    field, _ = PERIODS[collection]
    rows = await mongo.db[collection].find({}).to_list(None)
    assert len(rows) == len({(row["trackId"], row[field]) for row in rows})
    return {(row["trackId"], row[field]): flat(row) for row in rows if flat(row)}


async def platform(mongo: Mongo, granularity: str) -> dict[tuple[str, Any], dict[str, Any]]:
    rows = await mongo.db["platform_stats"].find({"granularity": granularity}).to_list(None)
    return {("", row["start"].year if granularity == "year" else row["start"]): flat(row) for row in rows if flat(row)}


def _without_zeros(buckets: dict[Any, dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {place: some for place, one in buckets.items() if (some := {name: n for name, n in one.items() if n})}


async def assert_right(mongo: Mongo, *, uniques: bool = True) -> None:
    """Every bucket of every track, and of everything, equals a recount."""
    granularities = zip(PERIODS, ("day", "week", "month", "year"), strict=True)
    for collection, granularity in granularities:
        should, is_now = _without_zeros(await recount(mongo, collection)), await stored(mongo, collection)
        if not uniques:
            _forget_uniques(should, is_now)
        assert is_now == should, collection
        should, is_now = (
            _without_zeros(await recount(mongo, collection, by_track=False)),
            await platform(mongo, granularity),
        )
        _forget_uniques(should, is_now)
        assert is_now == should, granularity


def _forget_uniques(*all_buckets: dict[Any, dict[str, Any]]) -> None:
    for buckets in all_buckets:
        for bucket in buckets.values():
            bucket.pop("uniquePlays", None)


def places_of(rows: dict[str, list[dict[str, Any]]]) -> Iterable[tuple[str, datetime]]:
    return [(str(row["trackId"]), row["timestamp"]) for of_type in rows.values() for row in of_type]
