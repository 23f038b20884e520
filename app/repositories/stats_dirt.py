"""Which buckets are out of date: on each track, the days whose events have changed since they were rolled up.

A mark lies in the document of the track, `dirty: {"2026-11-20": <token>}`, because whoever adds events changes its
counters anyway: one update does both. `isDirty` carries the index. Every write puts a new token, so a rollup removes
only marks that are still those it has seen. `dirtyHours: {"2026-11-20": <bits>}` has a bit for each hour that changed,
so that on a busy day the others need not be read again, and one more for events that left or are judged otherwise.
"""

import re
from collections.abc import Collection as Container
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne

from app.models.stats.oversight import Backlog
from app.models.stats.tracks import Dirt
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.updates import update_rows

ALL_HOURS = (1 << 24) - 1
NOT_ONLY_ADDED = 1 << 24
"""Beside the hours: not all that changed was added, so who played that day may have become fewer."""

_SHOWN = {"dirty": 1, "dirtyHours": 1}
_LOOKED_AT = 10_000
_TOKENS: Document = {"$map": {"input": {"$objectToArray": {"$ifNull": ["$dirty", {}]}}, "in": "$$this.v"}}
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}\Z")


def dirty_update(hours: Mapping[int, int], token: ObjectId) -> Document:
    """The update of a track whose events change, by day (ordinal), in these hours (bits)."""
    marks = {_field("dirty", day): token for day in hours}
    bits = {_field("dirtyHours", day): {"or": of_day} for day, of_day in hours.items()}
    return {"$set": {"isDirty": True} | marks, "$bit": bits}


def _backlog(most_tracks: int) -> list[Document]:
    """How many tokens there are, and the least: an ObjectId begins with the second in which it was made."""
    sums: Document = {"tracks": {"$sum": 1}, "days": {"$sum": {"$size": "$tokens"}}}
    return [
        {"$match": {"isDirty": True}},
        {"$limit": most_tracks},
        {"$project": {"tokens": _TOKENS}},
        {"$group": {"_id": None, "oldest": {"$min": {"$min": "$tokens"}}} | sums},
    ]


def track_keys(track_ids: Iterable[str]) -> list[Any]:
    """What the `_id` of these tracks may be: ours is a string, one of another program may be an ObjectId."""
    ids = list(track_ids)
    return [*ids, *(ObjectId(one) for one in ids if is_object_id(one))]


def is_object_id(text: str) -> bool:
    """Whether this is how an ObjectId is written."""
    return _OBJECT_ID.match(text) is not None


class StatsDirtRepository:
    """Reads, puts and removes marks."""

    def __init__(self, mongo: Mongo) -> None:
        self._tracks = mongo.db["tracks"]
        self._in_thread = mongo.in_thread["tracks"]

    async def marked(self) -> dict[str, int]:
        """The tracks with marks, and how many each has.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            tracks = self._tracks.find({"isDirty": True}, {"n": {"$size": _TOKENS}})
            return {str(track["_id"]): track["n"] async for track in tracks}

    def read(
        self, session: Session, track_ids: Container[str] | None = None, days: Iterable[datetime] | None = None
    ) -> list[Dirt]:
        """The marks on these tracks, or on all, of these days, or of all; tracks without marks are left out."""
        which: Document = {"isDirty": True}
        if track_ids is not None:
            which["_id"] = {"$in": track_keys(track_ids)}
        shown = _SHOWN if days is None else {f"{field}.{_name(day)}": 1 for day in days for field in _SHOWN}
        return [_to_dirt(track) for track in self._in_thread.find(which, shown, session=session)]

    async def backlog(self) -> Backlog:
        """How many marks there are, and when the oldest was put; looks at 10,000 tracks at most.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._tracks.aggregate(_backlog(_LOOKED_AT)).to_list(None)
        if not found:
            return Backlog(0, 0, None, True)
        tracks, oldest = found[0]["tracks"], found[0]["oldest"]
        oldest_at = oldest.generation_time if isinstance(oldest, ObjectId) else None
        return Backlog(tracks, found[0]["days"], oldest_at, tracks < _LOOKED_AT)

    def put(self, session: Session, days: Mapping[str, Container[datetime]]) -> None:
        """Mark days of tracks, in the transaction that changes their events; a track that is gone is passed over."""
        token = ObjectId()
        marks = [
            {
                "q": {"_id": key},
                "u": dirty_update({day.toordinal(): ALL_HOURS | NOT_ONLY_ADDED for day in of_track}, token),
            }
            for track_id, of_track in days.items()
            if of_track
            for key in track_keys([track_id])
        ]
        if marks:
            update_rows(self._in_thread, marks, session)

    async def clear(self, dirt: Sequence[Dirt]) -> None:
        """Remove these marks, where nobody has put a newer one since they were read.

        Raises:
            Unavailable: the database is away; the marks stay, and their buckets are made again.
        """
        if not dirt:
            return
        updates = [UpdateOne({"_id": {"$in": track_keys([one.track_id])}}, _without(one)) for one in dirt]
        with driver_errors():
            await self._tracks.bulk_write(updates, ordered=False)


@lru_cache(maxsize=4096)
def _field(name: str, day: int) -> str:
    return f"{name}.{date.fromordinal(day).isoformat()}"


def _name(day: datetime) -> str:
    return day.strftime("%Y-%m-%d")


def _to_dirt(track: Document) -> Dirt:
    marks, hours = track.get("dirty") or {}, track.get("dirtyHours") or {}
    return Dirt(
        str(track["_id"]),
        {_day(name): token for name, token in marks.items()},
        {_day(name): hours.get(name, ALL_HOURS | NOT_ONLY_ADDED) for name in marks},
    )


def _day(name: str) -> datetime:
    day = date.fromisoformat(name)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _without(dirt: Dirt) -> list[Document]:
    """Removes what was seen; the hours of a day go with its mark, and a newer mark has kept them all."""
    seen = [{"k": _name(day), "v": token} for day, token in dirt.days.items()]
    newer = {"$not": [{"$in": ["$$mark", {"$literal": seen}]}]}
    marks = {"$filter": {"input": _pairs("$dirty"), "as": "mark", "cond": newer}}
    marked = {"$in": ["$$of_day.k", {"$map": {"input": _pairs("$dirty"), "in": "$$this.k"}}]}
    hours = {"$filter": {"input": _pairs("$dirtyHours"), "as": "of_day", "cond": marked}}
    return [
        {"$set": {"dirty": {"$arrayToObject": marks}}},
        {"$set": {"dirtyHours": {"$arrayToObject": hours}}},
        {"$set": {"isDirty": {"$cond": [{"$eq": ["$dirty", {}]}, "$$REMOVE", True]}}},
    ]


def _pairs(field: str) -> Document:
    return {"$objectToArray": {"$ifNull": [field, {}]}}
