"""Which buckets are out of date: on each track, the days whose events have changed since they were rolled up.

A mark lies in the document of the track, `dirty: {"2026-11-20": <token>}`, because whoever adds events changes its
counters anyway: one update does both. `isDirty` carries the index. Every write puts a new token, so a rollup removes
only marks that are still those it has seen.
"""

import re
from collections.abc import Collection as Container
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from bson import ObjectId

from app.models.stats.tracks import Dirt
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.updates import update_rows

_SHOWN = {"dirty": 1}
_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}\Z")


def dirty_fields(days: Iterable[int], token: ObjectId) -> Document:
    """What `$set` puts on a track whose events of these days (ordinals) change."""
    return {"isDirty": True} | {_field(day): token for day in days}


def track_keys(track_ids: Iterable[str]) -> list[Any]:
    """What the `_id` of these tracks may be: ours is a string, one of another program may be an ObjectId."""
    ids = list(track_ids)
    return [*ids, *(ObjectId(one) for one in ids if _OBJECT_ID.match(one))]


class StatsDirtRepository:
    """Reads, puts and removes marks."""

    def __init__(self, mongo: Mongo) -> None:
        self._tracks = mongo.db["tracks"]
        self._in_thread = mongo.in_thread["tracks"]

    def read(self, session: Session, track_ids: Container[str] | None = None) -> list[Dirt]:
        """The marks on these tracks, or on all; tracks without any are left out."""
        which: Document = {"isDirty": True}
        if track_ids is not None:
            which["_id"] = {"$in": track_keys(track_ids)}
        return [_to_dirt(track) for track in self._in_thread.find(which, _SHOWN, session=session)]

    def put(self, session: Session, days: Mapping[str, Container[datetime]]) -> None:
        """Mark days of tracks, in the transaction that changes their events; a track that is gone is passed over."""
        token = ObjectId()
        marks = [
            {"q": {"_id": key}, "u": {"$set": dirty_fields((day.toordinal() for day in of_track), token)}}
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
        with driver_errors():
            for one in dirt:
                await self._tracks.update_one({"_id": {"$in": track_keys([one.track_id])}}, _without(one))


@lru_cache(maxsize=4096)
def _field(day: int) -> str:
    return f"dirty.{date.fromordinal(day).isoformat()}"


def _name(day: datetime) -> str:
    return day.strftime("%Y-%m-%d")


def _to_dirt(track: Document) -> Dirt:
    marks = track.get("dirty") or {}
    return Dirt(
        str(track["_id"]), {datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=UTC): marks[name] for name in marks}
    )


def _without(dirt: Dirt) -> list[Document]:
    seen = [{"k": _name(day), "v": token} for day, token in dirt.days.items()]
    newer = {"$not": [{"$in": ["$$mark", {"$literal": seen}]}]}
    marks = {"$filter": {"input": {"$objectToArray": {"$ifNull": ["$dirty", {}]}}, "as": "mark", "cond": newer}}
    return [
        {"$set": {"dirty": {"$arrayToObject": marks}}},
        {"$set": {"isDirty": {"$cond": [{"$eq": ["$dirty", {}]}, "$$REMOVE", True]}}},
    ]
