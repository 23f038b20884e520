"""The collections `likes` and `bookmarks`: one row per user and song while the reaction stands."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from pymongo import DeleteOne, UpdateOne

from app.models.reactions import Reaction, ReactionChange, ReactionRecorded
from app.models.songs import SongKey
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.song_counters import SongCounters
from app.repositories.song_documents import answers_to, to_counts

_COLLECTIONS = {Reaction.LIKE: "likes", Reaction.BOOKMARK: "bookmarks"}
_COUNTERS = {Reaction.LIKE: "likeCount", Reaction.BOOKMARK: "bookmarkCount"}

Pair = tuple[str, SongKey]


class ReactionRepository:
    """Writes and reads one kind of reaction."""

    def __init__(self, mongo: Mongo, kind: Reaction) -> None:
        self._mongo = mongo
        self._rows = mongo.db[_COLLECTIONS[kind]]
        self._written = mongo.in_thread[_COLLECTIONS[kind]]
        self._counter = _COUNTERS[kind]
        self._counters = SongCounters(mongo.in_thread["songs"])

    async def record(self, changes: Sequence[ReactionChange], at: datetime) -> list[ReactionRecorded | None]:
        """Make every wish true and move the counter by what really changed, in one transaction.

        Of two wishes for one user and song the later counts. Safe to call again. A song that does not answer to its
        reference any more gives `None`.

        Raises:
            TransientFailure: nothing was written, or (`UNKNOWN`) perhaps all of it.
        """
        return await self._mongo.transaction(lambda session: self._record(session, changes, at))

    def _record(
        self, session: Session, changes: Sequence[ReactionChange], at: datetime
    ) -> list[ReactionRecorded | None]:
        songs = self._counters.read(session, {change.song_key for change in changes})
        found = [change for change in changes if _names(songs.get(change.song_key), change)]
        wishes = {(change.user_id, change.song_key): change.is_set for change in found}
        standing = self._standing(session, list(wishes))
        turned = {pair: is_set for pair, is_set in wishes.items() if is_set != (pair in standing)}
        if turned:
            writes = [_set(pair, at) if is_set else _take_back(pair) for pair, is_set in turned.items()]
            self._written.bulk_write(writes, ordered=False, session=session)
        moved = Counter[SongKey]()
        for (_user, song_key), is_set in turned.items():
            moved[song_key] += 1 if is_set else -1
        self._counters.add(session, songs, self._counter, moved)
        present = {id(change) for change in found}
        return [
            ReactionRecorded(to_counts(songs[change.song_key]), wishes[change.user_id, change.song_key])
            if id(change) in present
            else None
            for change in changes
        ]

    def _standing(self, session: Session, pairs: Sequence[Pair]) -> set[Pair]:
        if not pairs:
            return set()
        wanted = {"$or": [{"userId": user, "songId": song} for user, song in pairs]}
        rows = self._written.find(wanted, {"userId": 1, "songId": 1}, session=session)
        return {(row["userId"], row["songId"]) for row in rows}

    async def stands(self, user_id: str, song_key: SongKey) -> bool:
        """Whether the user's reaction to the song stands.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            return await self._rows.find_one({"userId": user_id, "songId": song_key}, {"_id": 1}) is not None


def _names(song: Document | None, change: ReactionChange) -> bool:
    return song is not None and answers_to(song, change.reference)


def _set(pair: Pair, at: datetime) -> UpdateOne:
    user_id, song_key = pair
    return UpdateOne({"userId": user_id, "songId": song_key}, {"$setOnInsert": {"createdAt": at}}, upsert=True)


def _take_back(pair: Pair) -> DeleteOne:
    user_id, song_key = pair
    return DeleteOne({"userId": user_id, "songId": song_key})
