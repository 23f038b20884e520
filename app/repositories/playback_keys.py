"""The key that playback tokens are signed with: made once, and the same for all processes."""

from datetime import datetime

from pymongo import ReturnDocument

from app.repositories.mongo import Mongo, driver_errors


class PlaybackKeyRepository:
    """Whoever comes first decides the key."""

    def __init__(self, mongo: Mongo) -> None:
        self._keys = mongo.db["playback_keys"]

    async def keep(self, candidate: bytes, at: datetime) -> bytes:
        """The key of all processes, which is the candidate if there was none.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            row = await self._keys.find_one_and_update(
                {"_id": "current"},
                {"$setOnInsert": {"key": candidate, "created_at": at}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return bytes(row["key"])
