"""The collection `songs`: the copyright-free catalogue."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from bson import ObjectId
from pymongo.errors import PyMongoError

from app.errors import Conflict, NotFound
from app.models.catalogue import SongChanges, SongDraft, SongFilter, SongSort
from app.models.pages import Page
from app.models.songs import Song
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, driver_errors, is_duplicate_key
from app.repositories.song_documents import best_match, by_reference, to_song

_SORT_FIELDS = {SongSort.RECENT: "createdAt", SongSort.VIEWS: "viewCount", SongSort.LIKES: "likeCount"}

ANY_CASE = {"locale": "en", "strength": 2}
"""The collation of the index on `artist`: case and width do not matter."""


class SongRepository:
    """Reads and changes the catalogue; counters are changed in `song_counters` only."""

    def __init__(self, mongo: Mongo) -> None:
        self._songs = mongo.db["songs"]

    async def get(self, reference: str) -> Song:
        """The song of this id or slug.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._songs.find(by_reference(reference)).to_list(3)
        document = best_match(found, reference)
        if document is None:
            raise NotFound("Song not found")
        return to_song(document)

    async def page(self, wanted: SongFilter) -> Page[Song]:
        """One page of the songs that are asked for.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        field = _SORT_FIELDS[wanted.sort]
        with driver_errors():
            clauses = [*await self._matches(wanted), *([rows_after(field, wanted.cursor)] if wanted.cursor else [])]
            found = self._songs.find({"$and": clauses} if clauses else {})
            rows = await found.sort([(field, -1), ("_id", -1)]).limit(wanted.limit + 1).to_list(None)
        return to_page(rows, wanted.limit, field, to_song)

    async def _matches(self, wanted: SongFilter) -> list[Document]:
        """The clauses for the songs that are asked for, on whichever page.

        An artist's songs are looked up first: one query with the collation would compare ids without case too, and a
        page that ends between the ids `a` and `A` would lose a song.
        """
        if wanted.query:
            named = [{"artist": _in_any_case(wanted.artist)}] if wanted.artist else []
            return [{"$text": {"$search": _all_words(wanted.query)}}, *named]
        if wanted.artist:
            songs = self._songs.find({"artist": wanted.artist}, {"_id": 1}).collation(ANY_CASE)
            return [{"_id": {"$in": [song["_id"] for song in await songs.to_list(None)]}}]
        return []

    async def add(self, draft: SongDraft, at: datetime) -> Song:
        """Add a song, with all counts at zero.

        Raises:
            Conflict: the slug belongs to another song.
            Unavailable: the database is away.
        """
        document = _new_document(draft, at)
        with driver_errors(), _slug_conflicts():
            await self._songs.insert_one(document)
        return to_song(document)

    async def change(self, reference: str, changes: SongChanges, at: datetime) -> Song:
        """Set or clear fields of a song.

        Raises:
            NotFound, Conflict, Unavailable: as `get` and `add`.
        """
        song = await self.get(reference)
        kept = {name: value for name, value in changes.fields.items() if value is not None}
        cleared = {name: "" for name, value in changes.fields.items() if value is None}
        update: Document = {"$set": {**kept, "updatedAt": at}} | ({"$unset": cleared} if cleared else {})
        with driver_errors(), _slug_conflicts():
            changed = await self._songs.find_one_and_update({"_id": song.key}, update, return_document=True)
        if changed is None:
            raise NotFound("Song not found")
        return to_song(changed)


def _all_words(query: str) -> str:
    """Every word must occur; quoted, so that `-` and quotes in a query have no meaning of their own."""
    return " ".join(f'"{word}"' for word in re.findall(r"\w+", query)) or '""'


def _in_any_case(name: str) -> Document:
    # A text search cannot carry a collation; it has narrowed the songs down already.
    return {"$regex": f"^{re.escape(name)}$", "$options": "i"}


def _new_document(draft: SongDraft, at: datetime) -> Document:
    optional = {"slug": draft.slug, "artistId": draft.artist_id, "thumbnailUrl": draft.thumbnail_url}
    return {
        "_id": ObjectId(),
        "title": draft.title,
        "artist": draft.artist,
        "audioUrl": draft.audio_url,
        "duration": draft.duration_ms,
        "viewCount": 0,
        "likeCount": 0,
        "bookmarkCount": 0,
        "countsRevision": 0,
        "createdAt": at,
        "updatedAt": at,
    } | {name: value for name, value in optional.items() if value is not None}


@contextmanager
def _slug_conflicts() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        if is_duplicate_key(error):
            raise Conflict("Another song has this slug") from error
        raise
