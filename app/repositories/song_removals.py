"""Taking a song away with all its rows, so that a crash half way is finished later."""

from datetime import datetime

from app.models.songs import SongKey
from app.repositories.mongo import Collection, Document, Mongo, Session, driver_errors

_BATCH = 2_000
_ROWS = ("views", "likes", "bookmarks")


class SongRemovalRepository:
    """Removes songs in two steps: the song itself at once, its rows (perhaps millions) in batches.

    No row can be added once the song is gone, because every transaction that writes one reads its song and, for a new
    row, raises its counter.
    """

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._pending = mongo.db["song_removals"]

    async def begin(self, song_key: SongKey, at: datetime) -> bool:
        """Remove the song and note that its rows are to follow; false when it was gone already.

        Raises:
            TransientFailure: run it again.
        """
        return await self._mongo.transaction(lambda session: self._begin(session, song_key, at))

    def _begin(self, session: Session, song_key: SongKey, at: datetime) -> bool:
        gone = self._mongo.in_thread["songs"].delete_one({"_id": song_key}, session=session)
        if gone.deleted_count:
            self._mongo.in_thread["song_removals"].insert_one({"_id": song_key, "at": at}, session=session)
        return bool(gone.deleted_count)

    async def finish(self, song_key: SongKey) -> None:
        """Remove the rows of a song that is gone, in batches; safe to run twice or to be cut off.

        Raises:
            Unavailable: the database is away; the rest is done at the next call.
        """
        with driver_errors():
            for name in _ROWS:
                await _remove_rows(self._mongo.db[name], song_key)
            await self._pending.delete_one({"_id": song_key})

    async def pending(self) -> list[SongKey]:
        """Songs whose rows are still to be removed.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            rows: list[Document] = await self._pending.find({}, {"_id": 1}).to_list(None)
        return [row["_id"] for row in rows]


async def _remove_rows(rows: Collection, song_key: SongKey) -> None:
    while True:
        batch = await rows.find({"songId": song_key}, {"_id": 1}).limit(_BATCH).to_list(None)
        if not batch:
            return
        await rows.delete_many({"_id": {"$in": [row["_id"] for row in batch]}})
