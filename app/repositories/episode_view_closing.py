"""Views of episodes whose players have fallen silent."""

from datetime import datetime

from app.repositories.mongo import Document, Mongo, driver_errors


class EpisodeViewClosingRepository:
    """Closes views. Nothing that is counted changes, so they do not become dirty."""

    def __init__(self, mongo: Mongo) -> None:
        self._views = mongo.db["episode_views"]

    async def close_silent(self, since: datetime, limit: int) -> int:
        """Close up to `limit` views without a sign since then; how many. A beat meanwhile keeps its view open.

        Raises:
            Unavailable: the database is away.
        """
        silent: Document = {"is_open": True, "seen_at": {"$lt": since}}
        with driver_errors():
            found = await self._views.find(silent, {"_id": 1}).sort("seen_at", 1).limit(limit).to_list(None)
            if not found:
                return 0
            which = silent | {"_id": {"$in": [row["_id"] for row in found]}}
            closed = await self._views.update_many(which, {"$unset": {"is_open": ""}})
        return closed.modified_count
