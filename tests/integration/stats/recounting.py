"""Random events, a recount of them in plain Python, and buckets in any state of being rolled up."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId, Timestamp

from app.models.stats.buckets import Bucket, Split
from app.models.stats.events import EventType, ExclusionKind
from app.models.stats.listeners import Listeners
from app.models.stats.periods import Granularity, Interval, Period, day_of
from app.models.stats.tallies import Tally
from app.repositories.mongo import Mongo
from app.repositories.stats_dirt import NOT_ONLY_ADDED, dirty_update
from app.repositories.stats_rollup_documents import (
    COLLECTIONS,
    PERIOD_FIELDS,
    bucket_fields,
    period_key,
    split_fields,
)
from app.repositories.stats_tallies import RAW_COLLECTIONS

# Seventy days before it lie in two years; it is a Wednesday, and no whole hour.
NOW = datetime(2026, 2, 25, 13, 47, 11, 123000, tzinfo=UTC)
DAYS = 70
DAY = timedelta(days=1)
TRACKS = tuple(f"track-{number}" for number in range(6))
ARTISTS = {"artist-1": TRACKS[:3], "artist-2": TRACKS[3:5], "artist-3": TRACKS[5:]}
KINDS = [EventType.PLAY] * 6 + [EventType.LIKE, EventType.SAVE, EventType.SHARE, EventType.DOWNLOAD]
# So few events make a day a busy one here.
BUSY_FROM = 3
FORMER, LATER = Timestamp(1000, 1), Timestamp(2000, 1)

Row = dict[str, Any]


def random_row(rng: random.Random, now: datetime = NOW, days: int = DAYS) -> Row:
    kind = rng.choice(KINDS)
    row: Row = {
        "_id": ObjectId(),
        "kind": kind,
        "trackId": rng.choice(TRACKS),
        "sessionId": f"session-{rng.randrange(120)}",
        "timestamp": now - timedelta(milliseconds=rng.randrange(1, days * 24 * 3600 * 1000)),
    }
    row |= _details(rng, kind)
    if rng.random() < 0.15:
        row["excluded"] = {"kind": rng.choice(list(ExclusionKind)).value, "reason": "r", "ruleVersion": "1"}
    return row


def _details(rng: random.Random, kind: EventType) -> Row:
    if kind is EventType.PLAY:
        said: Row = {"source": rng.choice(["landing", "player", "radio"]), "country": rng.choice(["DE", "NZ"])}
        said |= {"duration": float(rng.randrange(400)), "completionRate": rng.randrange(101)}
        kept = {name: value for name, value in said.items() if rng.random() < 0.8}
        return kept | {"skipped": rng.random() < 0.3, "replayed": rng.random() < 0.2}
    if kind is EventType.LIKE:
        return {"action": rng.choice(["like", "like", "unlike"])}
    if kind is EventType.SAVE:
        return {"action": rng.choice(["save", "save", "unsave"])}
    return {"platform": rng.choice(["twitter", "embed"])} if kind is EventType.SHARE else {}


def recount(rows: Iterable[Row]) -> Split:
    split = Split()
    for row in rows:
        verdict = row.get("excluded")
        _count(split.of(ExclusionKind(verdict["kind"]) if verdict else None), row)
    return split


def _count(tally: Tally, row: Row) -> None:
    kind = row["kind"]
    if kind in {EventType.LIKE, EventType.SAVE}:
        name = row["action"] + "s"
        setattr(tally, name, getattr(tally, name) + 1)
    elif kind is EventType.SHARE:
        tally.shares += 1
        _count_in(tally.platforms, row["platform"])
    elif kind is EventType.DOWNLOAD:
        tally.downloads += 1
    else:
        _count_play(tally, row)


def _count_in(breakdown: dict[str, int], kind: str) -> None:
    breakdown[kind] = breakdown.get(kind, 0) + 1


def _count_play(tally: Tally, row: Row) -> None:
    tally.plays += 1
    if "duration" in row:
        tally.duration_sum += row["duration"]
        tally.duration_count += 1
    if "completionRate" in row:
        tally.completion_sum += row["completionRate"]
        tally.completion_count += 1
    tally.skipped += row["skipped"]
    tally.replayed += row["replayed"]
    if "source" in row:
        _count_in(tally.sources, row["source"])
    if "country" in row:
        _count_in(tally.countries, row["country"])


def sessions(rows: Iterable[Row], kinds: Iterable[str | None] = (None,)) -> set[str]:
    wanted = set(kinds)
    return {
        row["sessionId"]
        for row in rows
        if row["kind"] is EventType.PLAY and (row.get("excluded") or {}).get("kind") in wanted
    }


def within(rows: Iterable[Row], interval: Interval, tracks: Iterable[str] | None = None) -> list[Row]:
    wanted = None if tracks is None else set(tracks)
    return [
        row
        for row in rows
        if interval.start <= row["timestamp"] < interval.end and (wanted is None or row["trackId"] in wanted)
    ]


def hours_of(rows: Iterable[Row]) -> dict[int, Split]:
    """What the hours of one day add up to."""
    by_hour: dict[int, list[Row]] = {}
    for row in rows:
        by_hour.setdefault(row["timestamp"].hour, []).append(row)
    return {hour: recount(of_hour) for hour, of_hour in by_hour.items()}


def bucket_of(rows: list[Row], track: str, period: Period) -> Bucket:
    heard = sessions(rows)
    bots = Listeners.of(sessions(rows, ["bot"]))
    is_busy = bool(track) and period.granularity is Granularity.DAY and len(rows) >= BUSY_FROM
    hours = hours_of(rows) if is_busy else None
    return Bucket(track, period, recount(rows), len(heard), False, Listeners.of(heard), bots, hours=hours)


def _collection(bucket: Bucket) -> str:
    return COLLECTIONS[bucket.period.granularity] if bucket.track_id else "platform_stats"


def _document(bucket: Bucket, with_hours: set[datetime]) -> Row:
    period, fields = bucket.period, bucket_fields(bucket) | {"asOf": LATER}
    if bucket.track_id:
        return {"trackId": bucket.track_id, PERIOD_FIELDS[period.granularity]: period_key(period)} | fields
    if period.granularity is Granularity.DAY:
        fields["hoursAsOf"] = LATER if period.start in with_hours else FORMER
    return {"granularity": period.granularity.value, "start": period.start} | fields


@dataclass
class World:
    """Rows in the database, and buckets that may be believed as far as marks and coverage say."""

    mongo: Mongo
    rows: list[Row] = field(default_factory=list)

    async def add_catalogue(self) -> None:
        for artist, tracks in ARTISTS.items():
            await self.mongo.db["artists"].insert_one({"_id": artist, "name": artist, "userId": f"user-of-{artist}"})
            for track in tracks:
                document = {"_id": track, "title": f"Title of {track}", "artistId": artist, "duration": 180}
                await self.mongo.db["tracks"].insert_one(document)

    async def add(self, rows: list[Row]) -> None:
        self.rows += rows
        for kind, collection in RAW_COLLECTIONS.items():
            documents = [
                {name: value for name, value in row.items() if name != "kind"} for row in rows if row["kind"] is kind
            ]
            if documents:
                await self.mongo.db[collection].insert_many(documents)

    async def mark(self, rows: list[Row], beside: int = 0) -> None:
        """What every transaction that changes rows does."""
        hours: dict[str, dict[int, int]] = {}
        for row in rows:
            of_track, at = hours.setdefault(row["trackId"], {}), row["timestamp"]
            of_track[at.toordinal()] = of_track.get(at.toordinal(), beside) | 1 << at.hour
        for track, of_track in hours.items():
            await self.mongo.db["tracks"].update_one({"_id": track}, dirty_update(of_track, ObjectId()))

    async def roll_up(self, covered_from: datetime, with_hours: set[datetime]) -> None:
        """Buckets of all rows; those that nobody may use hold nonsense."""
        await self.mongo.db["rollup_state"].insert_one({"_id": "coverage", "from": covered_from})
        groups: dict[tuple[str, Period], list[Row]] = {}
        for row in self.rows:
            for granularity in Granularity:
                period = Period(granularity.start_of(row["timestamp"]), granularity)
                groups.setdefault(("", period), []).append(row)
                if granularity in COLLECTIONS:
                    groups.setdefault((row["trackId"], period), []).append(row)
        stored: dict[str, list[Row]] = {}
        for (track, period), rows in groups.items():
            bucket = bucket_of(rows, track, period)
            is_hour = period.granularity is Granularity.HOUR
            if period.start < covered_from or (is_hour and day_of(period.start) not in with_hours):
                for split in (bucket.split, *(bucket.hours or {}).values()):
                    split.counted.plays += 1_000_000
            stored.setdefault(_collection(bucket), []).append(_document(bucket, with_hours))
        for collection, documents in stored.items():
            await self.mongo.db[collection].insert_many(documents)

    async def erase(self, rows: list[Row]) -> None:
        """Rows leave for good, and leave marks."""
        ids = [row["_id"] for row in rows]
        for collection in RAW_COLLECTIONS.values():
            await self.mongo.db[collection].delete_many({"_id": {"$in": ids}})
        self.rows = [row for row in self.rows if row["_id"] not in ids]
        await self.mark(rows, NOT_ONLY_ADDED)

    async def judge(self, rows: list[Row], kind: ExclusionKind | None) -> None:
        """Rows get another verdict, and leave marks."""
        for row in rows:
            verdict = {} if kind is None else {"excluded": {"kind": kind.value, "reason": "r", "ruleVersion": "2"}}
            row.pop("excluded", None)
            row.update(verdict)
            update = {"$set": verdict} if verdict else {"$unset": {"excluded": ""}}
            await self.mongo.db[RAW_COLLECTIONS[row["kind"]]].update_one({"_id": row["_id"]}, update)
        await self.mark(rows, NOT_ONLY_ADDED)

    async def archive(self, track: str, day: datetime) -> None:
        """Rows leave the database; their sums stay with the bucket of the day."""
        gone = within(self.rows, Interval(day, day + DAY), [track])
        for collection in RAW_COLLECTIONS.values():
            await self.mongo.db[collection].delete_many({"_id": {"$in": [row["_id"] for row in gone]}})
        await self.mongo.db["daily_stats"].update_one(
            {"trackId": track, "date": day}, {"$set": {"archived": split_fields(recount(gone))}}
        )


async def random_world(mongo: Mongo, seed: int, former: int = 900, later: int = 60) -> World:
    """Rows that were rolled up as far as coverage reaches, and some that came later and left marks."""
    rng, world = random.Random(seed), World(mongo)
    await world.add_catalogue()
    await world.add([random_row(rng) for _ in range(former)])
    if seed % 4:
        days = [day_of(NOW) - number * DAY for number in range(DAYS + 1)]
        covered_from = days[-1] if seed % 2 else rng.choice(days)
        with_hours = {*rng.sample(days, len(days) // 2), day_of(NOW - 30 * DAY)} - {day_of(NOW - 7 * DAY)}
        await world.roll_up(covered_from, with_hours)
    late = [random_row(rng, days=rng.choice([1, 20, DAYS])) for _ in range(later if seed % 3 else 5)]
    await world.add(late)
    await world.mark(late)
    return world
