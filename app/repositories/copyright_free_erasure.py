"""A person's views, likes and bookmarks, taken away together with what they count on songs."""

from collections import Counter
from collections.abc import Sequence

from app.models.privacy import RowKey
from app.models.songs import SongCounts, SongKey
from app.repositories.mongo import Mongo, Session
from app.repositories.personal_rows import PersonalRowRepository
from app.repositories.song_counters import SongCounters
from app.repositories.song_documents import to_counts


class SongRowErasureRepository(PersonalRowRepository):
    """Rows of `collection` (one per user and song), each of which counts one in `counter` of its song."""

    def __init__(self, mongo: Mongo, collection: str, counter: str) -> None:
        super().__init__(mongo, collection)
        self._counter = counter
        self._counters = SongCounters(mongo.in_thread["songs"])

    async def take(self, user_id: str, keys: Sequence[RowKey]) -> tuple[int, list[SongCounts]]:
        """Remove these rows of the user and lower the counters of their songs, in one transaction.

        How many rows were still there, and the counts of the songs after it. Rows of a song that is being removed
        have no counter any more.

        Raises:
            TransientFailure: run it again.
        """
        return await self._mongo.transaction(lambda session: self._take(session, user_id, keys))

    def _take(self, session: Session, user_id: str, keys: Sequence[RowKey]) -> tuple[int, list[SongCounts]]:
        rows = self._in_thread.find(self._of(user_id, keys), {"songId": 1}, session=session)
        counted = Counter[SongKey](row["songId"] for row in rows if "songId" in row)
        songs = self._counters.read(session, counted)
        gone = self._delete(session, user_id, keys)
        lowered = {key: -rows for key, rows in counted.items() if key in songs}
        self._counters.add(session, songs, self._counter, lowered)
        return gone, [to_counts(song) for song in songs.values()]
