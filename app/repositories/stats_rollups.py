"""The collections `daily_stats`, `weekly_stats`, `monthly_stats` and `yearly_stats`."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.errors import BulkWriteError

from app.models.stats.buckets import Bucket
from app.models.stats.periods import Granularity, Interval, Period
from app.models.stats.rollups import Computed, TrackDays
from app.repositories.mongo import Document, Mongo, Session, ThreadCollection, driver_errors, is_duplicate_key
from app.repositories.stats_rollup_documents import COLLECTIONS, PERIOD_FIELDS, bucket_fields, period_key, to_bucket

_AT_ONCE = 500
_ESTIMATES_AT_ONCE = 500
# The archive alone moves rows into this part of a day, perhaps while the day is rolled up; the sum stays the same.
_KEPT_OF_DAY: Document = {"archived": "$archived"}
# As large as all the rest, and of no use to sums.
_WITHOUT_HOURS = {"hours": 0}


class StatsRollupRepository:
    """Reads and replaces buckets of tracks."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._db = mongo.in_thread

    def read(
        self,
        session: Session,
        granularity: Granularity,
        interval: Interval,
        track_ids: Collection[str] | None = None,
        *,
        with_hours: bool = False,
    ) -> Iterator[Bucket]:
        """The buckets of some tracks, or of all, whose periods begin in the interval; for the thread of a snapshot."""
        field = PERIOD_FIELDS[granularity]
        which = begins_in(granularity, interval) | _of_tracks(track_ids)
        shown = None if with_hours else _WITHOUT_HOURS
        for stored in self._db[COLLECTIONS[granularity]].find(which, shown, session=session):
            yield to_bucket(stored, Period(_start(stored[field]), granularity))

    def with_archived_part(self, session: Session, day: datetime, track_ids: Collection[str]) -> Iterator[Bucket]:
        """Those of the day of which rows have left the database; for the thread of a snapshot."""
        which: Document = {"date": day, "archived": {"$exists": True}} | _of_tracks(track_ids)
        for stored in self._db["daily_stats"].find(which, session=session):
            yield to_bucket(stored, Period(day, Granularity.DAY))

    def with_hours(self, session: Session, wanted: TrackDays) -> dict[datetime, list[str]]:
        """Those of these days of tracks whose buckets keep their hours; for the thread of a snapshot."""
        ids = {day: frozenset(of_day) for day, of_day in wanted.items()}
        which: Document = {"date": {"$in": list(ids)}, "hours": {"$exists": True}}
        which |= _of_tracks(frozenset().union(*ids.values()))
        found: dict[datetime, list[str]] = {}
        for row in self._db["daily_stats"].find(which, {"_id": 0, "trackId": 1, "date": 1}, session=session):
            if row["trackId"] in ids[row["date"]]:
                found.setdefault(row["date"], []).append(row["trackId"])
        return found

    def tracks_in(self, session: Session, granularity: Granularity, interval: Interval) -> set[str]:
        """The tracks that have buckets whose periods begin in the interval; for the thread of a snapshot."""
        which = begins_in(granularity, interval)
        rows = self._db[COLLECTIONS[granularity]].find(which, {"_id": 0, "trackId": 1}, session=session)
        return {str(row["trackId"]) for row in rows}

    async def replace(self, computed: Computed, at: datetime) -> None:
        """Put these buckets in the place of those that are there, except of newer ones.

        Raises:
            Unavailable: the database is away; some may have been replaced.
        """
        with driver_errors(), self._mongo.patiently():
            for granularity in COLLECTIONS:
                buckets = [one for one in computed.buckets if one.period.granularity is granularity]
                for start in range(0, len(buckets), _AT_ONCE):
                    part = Computed(buckets[start : start + _AT_ONCE], computed.as_of)
                    # Sketches and documents of thousands of buckets are work for a thread, not for the loop.
                    await asyncio.to_thread(self._replace, granularity, part, at)

    def _replace(self, granularity: Granularity, computed: Computed, at: datetime) -> None:
        kept = _KEPT_OF_DAY if granularity is Granularity.DAY else {}
        updates = [_replacement(one, computed.as_of, at, kept) for one in computed.buckets]
        write_all(self._db[COLLECTIONS[granularity]], updates)

    async def estimates(self, granularity: Granularity) -> list[tuple[Period, list[str]]]:
        """Buckets whose distinct sessions are an estimate but can be recounted: some tracks of a period, often.

        Raises:
            Unavailable: the database is away.
        """
        field = PERIOD_FIELDS[granularity]
        first: object = 0 if granularity is Granularity.YEAR else datetime.min.replace(tzinfo=UTC)
        which = {field: {"$gte": first}, "uniquePlaysIsEstimate": True, "archived": {"$exists": False}}
        found: dict[Any, list[str]] = {}
        with driver_errors(), self._mongo.patiently():
            async for row in self._mongo.db[COLLECTIONS[granularity]].find(which, {"trackId": 1, field: 1}):
                found.setdefault(row[field], []).append(row["trackId"])
        return [
            (Period(_start(key), granularity), ids[at : at + _ESTIMATES_AT_ONCE])
            for key, ids in found.items()
            for at in range(0, len(ids), _ESTIMATES_AT_ONCE)
        ]


def write_all(collection: ThreadCollection, updates: Sequence[UpdateOne]) -> None:
    """Send updates by exactly a unique key; when two processes add the same document at once, one of them again."""
    try:
        collection.bulk_write(updates, ordered=False)
    except BulkWriteError as error:
        if not is_duplicate_key(error):
            raise
        collection.bulk_write(updates, ordered=False)


def replacement(key: Document, fields: Document, as_of: object, at: datetime, kept: Document) -> UpdateOne:
    """An update that replaces a document unless it is of a later moment; the time it was made, and `kept`, stay."""
    stored = {"$literal": key | fields | {"asOf": as_of, "updatedAt": at}}
    kept = kept | {"createdAt": {"$ifNull": ["$createdAt", at]}}
    fresh = {"$mergeObjects": [{"_id": "$_id"}, stored, kept]}
    newer = {"$gt": ["$asOf", as_of]}
    return UpdateOne(key, [{"$replaceWith": {"$cond": [newer, "$$ROOT", fresh]}}], upsert=True)


def begins_in(granularity: Granularity, interval: Interval) -> Document:
    """The filter for buckets whose periods begin in the interval."""
    start, end = (period_key(Period(moment, granularity)) for moment in (interval.start, interval.end))
    return {PERIOD_FIELDS[granularity]: {"$gte": start, "$lt": end}}


def _replacement(bucket: Bucket, as_of: object, at: datetime, kept: Document) -> UpdateOne:
    key = {"trackId": bucket.track_id, PERIOD_FIELDS[bucket.period.granularity]: period_key(bucket.period)}
    fields = bucket_fields(bucket)
    if kept:
        fields.pop("archived", None)
    return replacement(key, fields, as_of, at, kept)


def _of_tracks(track_ids: Collection[str] | None) -> Document:
    return {} if track_ids is None else {"trackId": {"$in": list(track_ids)}}


def _start(key: Any) -> datetime:
    return datetime(int(key), 1, 1, tzinfo=UTC) if isinstance(key, int | float) else key
