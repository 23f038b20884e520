"""Integer ids that no two rows share, from whatever process they come."""

import asyncio

from pymongo import ReturnDocument

from app.repositories.mongo import Mongo, driver_errors


class SequenceRepository:
    """Hands out ids from 1 on, out of blocks that are reserved at once; what a killed process had left is skipped."""

    def __init__(self, mongo: Mongo, name: str, block: int = 1) -> None:
        self._sequences = mongo.db["episode_sequences"]
        self._name = name
        self._block = block
        self._next = self._end = 0
        self._reserving = asyncio.Lock()

    async def take(self) -> int:
        """An id that nobody had before.

        Raises:
            Unavailable: the database is away.
        """
        async with self._reserving:
            if self._next == self._end:
                self._end = await self._reserve() + 1
                self._next = self._end - self._block
            self._next += 1
            return self._next - 1

    async def _reserve(self) -> int:
        with driver_errors():
            row = await self._sequences.find_one_and_update(
                {"_id": self._name},
                {"$inc": {"next": self._block}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        last: int = row["next"]
        return last
