"""Raw events on their way into the archive: which days are ready, their rows, and how they leave the database."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pymongo.cursor import Cursor

from app.models.stats.archive import ArchivedEvent, Removal
from app.models.stats.buckets import Split
from app.models.stats.events import EventType
from app.models.stats.periods import Granularity
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.stats_archived_rows import SHOWN, to_archived, to_id
from app.repositories.stats_day_splits import raw_keys, track_name
from app.repositories.stats_dirt import StatsDirtRepository
from app.repositories.stats_rollup_documents import COLLECTIONS, split_fields, to_split
from app.repositories.stats_tallies import RAW_COLLECTIONS, By, StatsTallyRepository
from app.repositories.updates import update_rows

_PAGE = 5_000
_DAILY = COLLECTIONS[Granularity.DAY]
_DAY = timedelta(days=1)
# As long as MongoDB lets a transaction live.
_TRANSACTION_WITHIN = timedelta(seconds=50)


class ArchivableEventRepository:
    """Reads whole days of raw events, and removes rows once they are archived."""

    def __init__(self, mongo: Mongo, tallies: StatsTallyRepository, dirt: StatsDirtRepository) -> None:
        self._mongo = mongo
        self._db = mongo.in_thread
        self._tallies = tallies
        self._dirt = dirt

    async def next_day(self, kind: EventType, after: datetime, before: datetime) -> datetime | None:
        """The first day (midnight) from `after` on that has events that happened before `before`.

        Raises:
            Unavailable: the database is away.
        """
        within = {"timestamp": {"$gte": after, "$lt": before}}
        with driver_errors():
            row = await self._mongo.db[RAW_COLLECTIONS[kind]].find_one(
                within, {"timestamp": 1}, sort=[("timestamp", 1)]
            )
        return Granularity.DAY.start_of(row["timestamp"]) if row else None

    async def is_rolled_up(self, kind: EventType, day: datetime) -> bool:
        """Whether the day is covered, no track has a mark on it, and every track with such events has its bucket.

        Raises:
            Unavailable: the database is away.
        """
        with self._mongo.patiently():
            return await self._mongo.snapshot(lambda session: self._is_rolled_up(session, kind, day))

    def _is_rolled_up(self, session: Session, kind: EventType, day: datetime) -> bool:
        covered = {"_id": "coverage", "from": {"$lte": day}}
        if self._db["rollup_state"].find_one(covered, session=session) is None:
            return False
        if any(day in dirt.days for dirt in self._dirt.read(session)):
            return False
        without = self._db[RAW_COLLECTIONS[kind]].aggregate(_tracks_without_bucket(day), session=session)
        return next(iter(without), None) is None

    def pages(self, kind: EventType, day: datetime) -> Iterator[list[ArchivedEvent]]:
        """All events of the day, some thousands at a time; blocking, for use in a thread.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors(), closing(self._by_track(kind, day)) as cursor:
            while page := self._page(cursor):
                yield page

    def _by_track(self, kind: EventType, day: datetime) -> Cursor[Document]:
        """Sorted, so that the rows of one removal lie in few buckets: 50,000 rows of 1,000 tracks leave in 3 s, not 7.

        By the index on time, whose cost is that of the day's rows; the other index has all tracks of all days.
        """
        rows = self._db[RAW_COLLECTIONS[kind]].find(_on(day), SHOWN, batch_size=_PAGE, allow_disk_use=True)
        return rows.sort([("trackId", 1), ("timestamp", 1)]).hint([("timestamp", 1)])

    def _page(self, cursor: Cursor[Document]) -> list[ArchivedEvent]:
        with self._mongo.patiently():
            return [to_archived(row) for row in islice(cursor, _PAGE)]

    async def remove(self, kind: EventType, day: datetime, ids: Sequence[str]) -> Removal:
        """Remove these rows and add them, as they are now, to `archived` of their buckets, in one transaction.

        A row is held back when its track's day is marked, because its session may not be in the bucket's sketch yet,
        or when there is no bucket. A row that is gone already is passed over.

        Raises:
            TransientFailure: run it again; with `UNKNOWN` it may have been done.
        """
        which = {"_id": {"$in": [to_id(one) for one in ids]}} | _on(day)
        with self._mongo.patiently(_TRANSACTION_WITHIN):
            return await self._mongo.transaction(lambda session: self._remove(session, kind, day, which))

    def _remove(self, session: Session, kind: EventType, day: datetime, which: Document) -> Removal:
        rows = self._db[RAW_COLLECTIONS[kind]]
        splits = self._splits(session, kind, which)
        buckets = self._ready_buckets(session, day, list(splits))
        movable = {"trackId": {"$in": list(raw_keys(buckets))}}
        there = rows.count_documents(which, session=session) if splits else 0
        removed = rows.delete_many(which | movable, session=session).deleted_count if buckets else 0
        self._add_to_archived(session, buckets, splits)
        return Removal(removed, there - removed)

    def _splits(self, session: Session, kind: EventType, which: Document) -> dict[str, Split]:
        """By track; rows whose `trackId` is of a type that no bucket counts are not among them."""
        splits: defaultdict[str, Split] = defaultdict(Split)
        for key, split in self._tallies.of_rows(session, kind, which, By(track=True)).items():
            name = track_name(key.track_id)
            if key.track_id in raw_keys([name]):
                splits[name].add(split)
        return splits

    def _ready_buckets(self, session: Session, day: datetime, tracks: Sequence[str]) -> dict[str, Document]:
        """By track: the daily documents that rows may be moved into."""
        if not tracks:
            return {}
        marked = {dirt.track_id for dirt in self._dirt.read(session, tracks) if day in dirt.days}
        wanted = {"trackId": {"$in": [one for one in tracks if one not in marked]}, "date": day}
        found = self._db[_DAILY].find(wanted, {"trackId": 1, "archived": 1}, session=session)
        return {bucket["trackId"]: bucket for bucket in found}

    def _add_to_archived(self, session: Session, buckets: Mapping[str, Document], splits: Mapping[str, Split]) -> None:
        """Set and not increment: names in breakdowns may hold dots. Whoever writes the bucket meanwhile conflicts."""
        updates: list[Document] = []
        for track, bucket in buckets.items():
            archived = to_split(bucket.get("archived") or {})
            archived.add(splits[track])
            update = {"$set": {"archived": split_fields(archived)}, "$unset": {"hours": ""}}
            updates.append({"q": {"_id": bucket["_id"]}, "u": update})
        if updates:
            update_rows(self._db[_DAILY], updates, session)


def _on(day: datetime) -> Document:
    return {"timestamp": {"$gte": day, "$lt": day + _DAY}}


def _tracks_without_bucket(day: datetime) -> list[dict[str, Any]]:
    own = [{"$match": {"$expr": {"$eq": ["$trackId", "$$track"]}, "date": day}}, {"$project": {"_id": 1}}]
    bucket = {"from": _DAILY, "let": {"track": "$_id"}, "pipeline": own, "as": "bucket"}
    return [
        {"$match": _on(day)},
        {"$group": {"_id": {"$convert": {"input": "$trackId", "to": "string", "onError": "", "onNull": ""}}}},
        {"$lookup": bucket},
        {"$match": {"bucket": []}},
        {"$limit": 1},
    ]
