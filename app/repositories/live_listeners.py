"""Who listens at present: distinct sessions among the latest plays in `play_events`."""

from collections.abc import Collection as Container
from collections.abc import Mapping
from datetime import datetime

from app.models.stats.events import ExclusionKind
from app.repositories.mongo import Document, Mongo, driver_errors

_SET_ASIDE = [kind.value for kind in ExclusionKind]


class LiveListenerRepository:
    """Counts listeners, over any number of tracks in one query."""

    def __init__(self, mongo: Mongo) -> None:
        self._plays = mongo.db["play_events"]

    async def count(self, track_ids: Container[str], after: datetime, until: datetime) -> Mapping[str, int]:
        """Distinct sessions with a play of each track that counts, after a moment and up to another, that included.

        Tracks without any are left out.

        Raises:
            Unavailable: the database is away.
        """
        plays: Document = {
            "trackId": {"$in": list(track_ids)},
            "timestamp": {"$gt": after, "$lte": until},
            "excluded.kind": {"$nin": _SET_ASIDE},
        }
        by_track: list[Document] = [
            {"$match": plays},
            {"$group": {"_id": {"t": "$trackId", "s": "$sessionId"}}},
            {"$group": {"_id": "$_id.t", "n": {"$sum": 1}}},
        ]
        with driver_errors():
            rows = await self._plays.aggregate(by_track).to_list(None)
        return {row["_id"]: row["n"] for row in rows}
