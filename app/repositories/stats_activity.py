"""The latest events of some tracks, without what tells who made them."""

from collections.abc import Iterator
from datetime import datetime
from heapq import nlargest
from typing import Any

from app.models.stats.dashboard import RecentLike, RecentPlay
from app.models.stats.events import Action, EventType
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.song_documents import is_number
from app.repositories.stats_tallies import RAW_COLLECTIONS
from app.repositories.stored_fields import text

_COUNTED: Document = {"excluded.kind": {"$nin": ["bot", "own"]}}
_LIKED: Document = {**_COUNTED, "action": Action.LIKE.value}
_SHOWN = dict.fromkeys(("trackId", "timestamp", "source", "duration", "completionRate", "country"), 1) | {"_id": 0}
# The server merges the index in order of time for up to 200 tracks; beyond that it reads everything and sorts.
_TRACKS_AT_ONCE = 150


class StatsActivityRepository:
    """Reads the latest events that count; for use in the thread of a snapshot."""

    def __init__(self, mongo: Mongo) -> None:
        self._db = mongo.in_thread

    def latest_plays(self, session: Session, track_ids: tuple[str, ...], limit: int) -> list[RecentPlay]:
        """The last plays, the latest first.

        Raises:
            PyMongoError: as every read; the caller's snapshot translates it.
        """
        return [_to_play(row) for row in self._latest(session, EventType.PLAY, _COUNTED, track_ids, limit)]

    def latest_likes(self, session: Session, track_ids: tuple[str, ...], limit: int) -> list[RecentLike]:
        """The last like actions, the latest first; raises as `latest_plays`."""
        rows = self._latest(session, EventType.LIKE, _LIKED, track_ids, limit)
        return [RecentLike(row["trackId"], row["timestamp"]) for row in rows]

    def _latest(
        self, session: Session, kind: EventType, which: Document, track_ids: tuple[str, ...], limit: int
    ) -> list[Document]:
        events = self._db[RAW_COLLECTIONS[kind]]

        def found() -> Iterator[Document]:
            for at in range(0, len(track_ids), _TRACKS_AT_ONCE):
                of_tracks = {"trackId": {"$in": list(track_ids[at : at + _TRACKS_AT_ONCE])}}
                yield from events.find(of_tracks | which, _SHOWN, session=session).sort("timestamp", -1).limit(limit)

        # What another program has written may have no time; that is last in the index, and so costs no row its place.
        return nlargest(limit, (row for row in found() if isinstance(row.get("timestamp"), datetime)), key=_time)


def _time(row: Document) -> datetime:
    moment: datetime = row["timestamp"]
    return moment


def _to_play(row: Document) -> RecentPlay:
    return RecentPlay(
        track_id=row["trackId"],
        timestamp=row["timestamp"],
        source=text(row.get("source")) or None,
        duration=_number(row.get("duration")),
        completion_rate=_number(row.get("completionRate")),
        country=text(row.get("country")) or None,
    )


def _number(value: Any) -> float | None:
    return value if is_number(value) else None
