"""Counters of songs against the rows that they count."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from app.models.drift import SongDrift
from app.models.songs import SongKey
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.song_documents import to_number, wire_id

COUNTERS = {"viewCount": "views", "likeCount": "likes", "bookmarkCount": "bookmarks"}
_BATCH = 1_000
_FIELDS = dict.fromkeys(COUNTERS, 1)


class CounterAuditRepository:
    """Finds songs whose counters may be off, and settles each in a transaction."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._songs = mongo.db["songs"]

    async def batches(self) -> AsyncIterator[list[Document]]:
        """All songs with their counters, in batches, so that memory does not grow with the catalogue.

        Raises:
            Unavailable: the database is away.
        """
        batch: list[Document] = []
        with driver_errors(), self._mongo.patiently():
            async for song in self._songs.find({}, _FIELDS).sort("_id", 1):
                batch.append(song)
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    async def suspects(self, batch: Sequence[Document], counter: str) -> list[SongKey]:
        """Songs of the batch whose counter differs from their rows, read without a transaction.

        A view that is counted in this moment can make a song look wrong, so each suspect is judged by `settle`.

        Raises:
            Unavailable: the database is away.
        """
        keys = [song["_id"] for song in batch]
        pipeline: list[Document] = [
            {"$match": {"songId": {"$in": keys}}},
            {"$group": {"_id": "$songId", "rows": {"$sum": 1}}},
        ]
        with driver_errors(), self._mongo.patiently():
            counted = await self._mongo.db[COUNTERS[counter]].aggregate(pipeline).to_list(None)
        rows = {row["_id"]: row["rows"] for row in counted}
        return [song["_id"] for song in batch if _stored(song, counter) != rows.get(song["_id"], 0)]

    async def settle(self, song_key: SongKey, counter: str, *, repair: bool) -> SongDrift | None:
        """Compare one song's counter with its rows in one snapshot, and set it right if `repair`.

        Raises:
            TransientFailure: run it again.
        """
        # As long as MongoDB lets a transaction live: a song may have millions of rows.
        with self._mongo.patiently(timedelta(seconds=50)):
            return await self._mongo.transaction(lambda session: self._settle(session, song_key, counter, repair))

    def _settle(self, session: Session, song_key: SongKey, counter: str, repair: bool) -> SongDrift | None:
        db = self._mongo.in_thread
        song = db["songs"].find_one({"_id": song_key}, {counter: 1}, session=session)
        if song is None:
            return None
        counted = db[COUNTERS[counter]].count_documents({"songId": song_key}, session=session)
        stored = _stored(song, counter)
        if stored == counted:
            return None
        if repair:
            right = {"$set": {counter: counted}, "$inc": {"countsRevision": 1}}
            db["songs"].update_one({"_id": song_key}, right, session=session)
        return SongDrift(wire_id(song_key), counter, to_number(stored), counted)


def _stored(song: Document, counter: str) -> object:
    """A counter that is not there yet counts nothing; one that is no number equals no count, so it is repaired."""
    stored = song.get(counter, 0)
    return stored if isinstance(stored, int | float) and not isinstance(stored, bool) else None
