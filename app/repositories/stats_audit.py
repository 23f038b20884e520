"""Counters of tracks against the events that they count."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from app.models.stats.drift import TrackDrift
from app.models.stats.events import Action, ExclusionKind
from app.models.stats.rollups import EVER
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.stats_day_splits import raw_keys
from app.repositories.stats_dirt import track_keys

COUNTERS = ("playCount", "likeCount", "shareCount", "downloadCount")

_COLLECTIONS = {
    "playCount": "play_events",
    "likeCount": "like_events",
    "shareCount": "share_events",
    "downloadCount": "download_events",
}
_ARCHIVED: Mapping[str, list[object]] = {
    "playCount": ["$archived.counted.totalPlays"],
    "likeCount": ["$archived.counted.totalLikes", {"$multiply": [-1, "$archived.counted.totalUnlikes"]}],
    "shareCount": ["$archived.counted.totalShares"],
    "downloadCount": ["$archived.counted.totalDownloads"],
}
_ONE_EACH: Document = {"$sum": 1}
_LIKES: Document = {
    "$sum": {
        "$switch": {
            "branches": [
                {"case": {"$eq": ["$action", Action.LIKE.value]}, "then": 1},
                {"case": {"$eq": ["$action", Action.UNLIKE.value]}, "then": -1},
            ],
            "default": 0,
        }
    }
}
_TRACK: Document = {"$convert": {"input": "$trackId", "to": "string", "onError": "", "onNull": ""}}
# A snapshot can be read for five minutes; these are counted in seconds.
_TRACKS_AT_ONCE, _PLAYS_AT_ONCE = 1_000, 1_000_000

Counts = Mapping[str, Mapping[str, int]]
"""What was counted, by counter and track."""


class StatsAuditRepository:
    """Finds tracks whose counters are off, and settles each in a transaction."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._db = mongo.in_thread

    async def batches(self) -> list[list[str]]:
        """All tracks, so many at once as can be recounted in one snapshot.

        Raises:
            Unavailable: the database is away.
        """
        batches: list[list[str]] = [[]]
        plays = 0
        # Whoever is patient with a long answer would be so with none, too.
        await self._mongo.ping()
        with driver_errors(), self._mongo.patiently():
            async for track in self._mongo.db["tracks"].find({}, {"playCount": 1}).sort("_id", 1):
                if len(batches[-1]) == _TRACKS_AT_ONCE or plays > _PLAYS_AT_ONCE:
                    batches.append([])
                    plays = 0
                batches[-1].append(str(track["_id"]))
                plays += int(_stored(track, "playCount") or 0)
        return batches if batches[0] else []

    async def suspects(self, track_ids: Sequence[str]) -> list[TrackDrift]:
        """Counters that differ from their events, all of one moment.

        Raises:
            Unavailable: the database is away.
        """
        with self._mongo.patiently():
            return await self._mongo.snapshot(lambda session: self._compare(session, track_ids, COUNTERS))

    async def settle(self, track_id: str, counter: str) -> TrackDrift | None:
        """Compare one counter again, in a transaction, and set it right.

        Raises:
            TransientFailure: run it again.
        """

        def settle(session: Session) -> TrackDrift | None:
            found = self._compare(session, [track_id], [counter])
            if not found:
                return None
            right = {"$set": {counter: found[0].counted}}
            self._db["tracks"].update_one({"_id": {"$in": track_keys([track_id])}}, right, session=session)
            return found[0]

        # As long as MongoDB lets a transaction live: a track may have millions of events.
        with self._mongo.patiently(timedelta(seconds=50)):
            return await self._mongo.transaction(settle)

    def _compare(self, session: Session, track_ids: Sequence[str], counters: Sequence[str]) -> list[TrackDrift]:
        which = {"_id": {"$in": track_keys(track_ids)}}
        stored = list(self._db["tracks"].find(which, dict.fromkeys(counters, 1), session=session))
        counted = {one: self._counted(session, track_ids, one) for one in counters}
        return [drift for track in stored for one in counters if (drift := _drift(track, one, counted))]

    def _counted(self, session: Session, track_ids: Sequence[str], counter: str) -> dict[str, int]:
        which: Document = {"trackId": {"$in": list(raw_keys(track_ids))}}
        rows = which | {"excluded.kind": {"$nin": [kind.value for kind in ExclusionKind]}}
        # The date lets the small index of archived days serve.
        parts = which | {"date": {"$gte": EVER.start}, "archived": {"$exists": True}}
        archived: Document = {"$sum": {"$add": [{"$ifNull": [one, 0]} for one in _ARCHIVED[counter]]}}
        found = self._sums(session, _COLLECTIONS[counter], rows, _LIKES if counter == "likeCount" else _ONE_EACH)
        for track_id, count in self._sums(session, "daily_stats", parts, archived).items():
            found[track_id] += count
        return found

    def _sums(self, session: Session, collection: str, which: Document, of: Document) -> defaultdict[str, int]:
        pipeline: list[Document] = [{"$match": which}, {"$group": {"_id": _TRACK, "n": of}}]
        rows = self._db[collection].aggregate(pipeline, session=session, allowDiskUse=True)
        return defaultdict(int, {row["_id"]: row["n"] for row in rows})


def _drift(track: Document, counter: str, counted: Counts) -> TrackDrift | None:
    track_id, stored = str(track["_id"]), _stored(track, counter)
    right = counted[counter].get(track_id, 0)
    return None if stored == right else TrackDrift(track_id, counter, int(stored or 0), right)


def _stored(track: Document, counter: str) -> Any:
    """A counter that is not there yet counts nothing; one that is no whole number equals no count."""
    stored = track.get(counter, 0)
    is_whole = isinstance(stored, int | float) and not isinstance(stored, bool) and stored == stored // 1
    return stored if is_whole else None
