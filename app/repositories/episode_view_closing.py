"""Views of episodes whose players have fallen silent."""

from datetime import datetime, timedelta

from app.models.episodes.watching import SILENT_AFTER
from app.repositories.mongo import Document, Mongo, driver_errors

_MILLISECOND = timedelta(milliseconds=1)


class EpisodeViewClosingRepository:
    """Closes views. Nothing that is counted changes, so they do not become dirty.

    Each open view says when to look at it (`look_at`), which is put off only when that moment has come: an index on
    the last sign itself would change with every beat.
    """

    def __init__(self, mongo: Mongo) -> None:
        self._views = mongo.db["episode_views"]

    async def close_silent(self, now: datetime, limit: int) -> tuple[int, int]:
        """Look at up to `limit` open views that are due; at how many, and how many of them were silent and are closed.

        A beat meanwhile keeps its view open.

        Raises:
            Unavailable: the database is away.
        """
        due: Document = {"is_open": True, "look_at": {"$lt": now}}
        with driver_errors():
            found = await self._views.find(due, {"_id": 1}).sort("look_at", 1).limit(limit).to_list(None)
            which = due | {"_id": {"$in": [row["_id"] for row in found]}}
            closed = await self._views.update_many(
                which | {"seen_at": {"$lt": now - SILENT_AFTER}}, {"$unset": {"is_open": ""}}
            )
            await self._views.update_many(which, [_PUT_OFF])
        return len(found), closed.modified_count


_PUT_OFF: Document = {"$set": {"look_at": {"$add": ["$seen_at", SILENT_AFTER // _MILLISECOND]}}}
