"""One moment of buckets, marks and raw rows, as answers about statistics read it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from app.models.stats.analytics import ArchivedDay, Bots, Heard, StoredBucket
from app.models.stats.buckets import Split
from app.models.stats.dashboard import RecentLike, RecentPlay
from app.models.stats.events import EventType, ExclusionKind
from app.models.stats.periods import Granularity, day_of
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.stats_activity import StatsActivityRepository
from app.repositories.stats_day_sums import day_sums_pipeline, to_day_sums
from app.repositories.stats_dirt import StatsDirtRepository
from app.repositories.stats_rollup_documents import to_split
from app.repositories.stats_stored_buckets import Periods, StoredBucketRepository, sketches_in
from app.repositories.stats_tallies import RAW_COLLECTIONS, By, Key, Slice, StatsTallyRepository, in_any

T = TypeVar("T")
TrackIds = tuple[str, ...] | None

_NOT_HEARD = {Bots.EXCLUDE: ["bot", "own"], Bots.INCLUDE: ["own"]}
# A range over more keys than this is sorted in memory rather than merged from the index.
_MERGED_AT_ONCE = 100
_FIRST_READ_WITHIN = timedelta(seconds=4)
_ANSWERED_WITHIN = timedelta(seconds=20)


class StatsAnalyticsRepository:
    """Gives moments of the database to whoever answers questions about statistics."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def read(self, body: Callable[["StatsSnapshot"], T]) -> T:
        """Run `body`, in a thread, over one moment.

        Raises:
            Unavailable: the database is away, or `body` took longer than a caller would wait.
        """

        def answer(session: Session) -> T:
            snapshot = StatsSnapshot(self._mongo, session)
            # A database that is away is known soon; an answer that has much to read raw may take its time.
            with self._mongo.patiently(_FIRST_READ_WITHIN):
                snapshot.covered_from()
            return body(snapshot)

        with self._mongo.patiently(_ANSWERED_WITHIN):
            return await self._mongo.snapshot(answer)


class StatsSnapshot:
    """What can be read of one moment, in the thread of its session."""

    def __init__(self, mongo: Mongo, session: Session) -> None:
        self._db = mongo.in_thread
        self._session = session
        self._dirt = StatsDirtRepository(mongo)
        self._raw = StatsTallyRepository(mongo)
        self._buckets = StoredBucketRepository(mongo)
        self._activity = StatsActivityRepository(mongo)

    def covered_from(self) -> datetime | None:
        """The first day that is rolled up; `None` when none is."""
        state = self._db["rollup_state"].find_one({"_id": "coverage"}, session=self._session)
        return state.get("from") if state else None

    def marks(self, track_ids: TrackIds) -> dict[str, dict[datetime, int]]:
        """The days whose buckets are out of date, by track, with the hours (bits) that have changed."""
        found: dict[str, dict[datetime, int]] = {}
        for dirt in self._dirt.read(self._session, track_ids):
            # A track may be there twice, under a string and under an ObjectId of the same digits.
            of_track = found.setdefault(dirt.track_id, {})
            for day, hours in dirt.hours.items():
                of_track[day] = of_track.get(day, 0) | hours
        return found

    def tracks_with_hours(self, days: Collection[datetime], track_ids: Collection[str]) -> dict[str, list[datetime]]:
        """Those of these days, by track, whose buckets tell what their hours add up to."""
        return self._buckets.with_hours(self._session, days, track_ids)

    def days_with_hours(self, days: Sequence[datetime]) -> frozenset[datetime]:
        """Those of these days that can be put together from the hours of everything.

        That is when the hours were counted after the last change of the day, and while all its rows are here: whether
        hours have archived rows in them depends on which came first.
        """
        usable = {"$expr": {"$gte": ["$hoursAsOf", "$asOf"]}}
        which = {"granularity": "day", "start": {"$in": list(days)}} | usable
        found = {day["start"] for day in self._find("platform_stats", which, {"start": 1})}
        archived = {"date": {"$in": sorted(found)}, "archived": {"$exists": True}}
        gone = self._db["daily_stats"].distinct("date", archived, session=self._session) if found else ()
        return frozenset(found.difference(gone))

    def first_day(self, track_ids: TrackIds) -> datetime | None:
        """The first day of which there is anything, in raw rows or in buckets."""
        names = {**dict.fromkeys(RAW_COLLECTIONS.values(), "timestamp"), "daily_stats": "date"}
        chunks = [None] if track_ids is None else _chunks(track_ids)
        firsts = [self._first(name, field, chunk) for chunk in chunks for name, field in names.items()]
        return min((day_of(first) for first in firsts if first is not None), default=None)

    def buckets(self, wanted: Periods) -> Iterator[StoredBucket]:
        """Those of these buckets that exist, without their sketches."""
        return self._buckets.buckets(self._session, wanted)

    def sketches(self, wanted: Periods, bots: Bots) -> Iterator[tuple[datetime, bytes]]:
        """The sketches of these buckets, with the starts of their periods."""
        return self._buckets.sketches(self._session, wanted, bots)

    def day_sums(self, days: Mapping[datetime, Collection[str]]) -> Mapping[datetime, Split]:
        """What all tracks but these add up to on each of these days."""
        if not days:
            return {}
        answers = self._db["daily_stats"].aggregate(day_sums_pipeline(days), session=self._session)
        return to_day_sums(next(iter(answers)))

    def archived(self, slices: Sequence[Slice]) -> list[ArchivedDay]:
        """Days that these whole days touch, and of which rows have left the database."""
        if not slices:
            return []
        wanted = [_days_of(one) | {"archived": {"$exists": True}} for one in slices]
        return [_to_archived(row) for row in self._find("daily_stats", {"$or": wanted}, None)]

    def tallies(self, slices: Sequence[Slice], by: By, kinds: Collection[EventType]) -> Mapping[Key, Split]:
        """What raw rows add up to."""
        return self._raw.tallies(self._session, slices, by, kinds)

    def sessions(self, slices: Sequence[Slice], by: By) -> Iterable[tuple[Key, ExclusionKind | None, str]]:
        """Who played, once for each key and verdict."""
        return self._raw.sessions(self._session, slices, by)

    def heard(self, slices: Sequence[Slice], by: Granularity | None, bots: Bots) -> dict[datetime | None, Heard]:
        """How many distinct sessions the raw plays of each period have."""
        period = by and {"$dateTrunc": {"date": "$timestamp", "unit": by.value, "startOfWeek": "monday"}}
        session = {"p": period, "s": {"$ifNull": ["$sessionId", ""]}}
        pipeline: list[Document] = [
            {"$match": in_any(slices) | {"excluded.kind": {"$nin": _NOT_HEARD[bots]}}},
            {"$group": {"_id": session, "plays": {"$sum": 1}}},
            {"$group": {"_id": "$_id.p", "sessions": {"$sum": 1}, "plays": {"$sum": "$plays"}}},
        ]
        rows = self._db["play_events"].aggregate(pipeline, session=self._session, allowDiskUse=True)
        return {row["_id"]: Heard(row["sessions"], row["plays"]) for row in rows}

    def latest_plays(self, track_ids: tuple[str, ...], limit: int) -> list[RecentPlay]:
        """The last plays that count, the latest first."""
        return self._activity.latest_plays(self._session, track_ids, limit)

    def latest_likes(self, track_ids: tuple[str, ...], limit: int) -> list[RecentLike]:
        """The last likes that count, the latest first; without those taken back, which are events of their own."""
        return self._activity.latest_likes(self._session, track_ids, limit)

    def _find(self, collection: str, which: Document, shown: Document | None) -> Iterable[Document]:
        return self._db[collection].find(which, shown, session=self._session)

    def _first(self, collection: str, field: str, track_ids: TrackIds) -> datetime | None:
        # Rows of another program may have no time, or a text; both sort before every time, and are in no answer.
        which: Document = {field: {"$type": "date"}}
        if track_ids is not None:
            which["trackId"] = {"$in": list(track_ids)}
        found = self._db[collection].find_one(which, {field: 1}, sort=[(field, 1)], session=self._session)
        return found[field] if found else None


def _days_of(one: Slice) -> Document:
    days: Document = {"date": {"$gte": one.interval.start, "$lt": one.interval.end}}
    return days if one.track_ids is None else {"trackId": {"$in": list(one.track_ids)}} | days


def _to_archived(row: Document) -> ArchivedDay:
    sketches = tuple(sketches_in(row, Bots.INCLUDE))
    return ArchivedDay(row["trackId"], row["date"], to_split(row["archived"]), sketches)


def _chunks(track_ids: tuple[str, ...]) -> list[TrackIds]:
    return [track_ids[at : at + _MERGED_AT_ONCE] for at in range(0, len(track_ids), _MERGED_AT_ONCE)]
