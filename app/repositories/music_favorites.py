"""The collection `music_favorites`: one row for a user and a track."""

import re
from datetime import datetime
from zlib import crc32

from bson import ObjectId

from app.errors import Conflict, NotFound
from app.models.licensing.favorites import (
    MOST_FAVORITES,
    Favorite,
    FavoriteAdded,
    FavoriteChanges,
    FavoriteDraft,
    FavoriteFilter,
    TrackRef,
)
from app.models.licensing.providers import ProviderName
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.music_track_documents import read_track, track_fields

_ORDER = "createdAt"
_LOCKS = 1_024


class MusicFavoriteRepository:
    """Adds, reads, changes and removes favourites."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._favorites = mongo.db["music_favorites"]
        self._in_thread = mongo.in_thread["music_favorites"]
        self._locks_in_thread = mongo.in_thread["music_favorite_locks"]

    def new_id(self) -> str:
        """An id that nobody has."""
        return str(ObjectId())

    async def add(self, favorite_id: str, draft: FavoriteDraft, at: datetime) -> FavoriteAdded:
        """Add a favourite, or find the one of this track; also when the same id was added by an attempt before.

        Raises:
            Conflict: the user has as many as one may have.
            TransientFailure: run it again, with the same id.
        """
        return await self._mongo.transaction(lambda session: self._add(session, favorite_id, draft, at))

    def _add(self, session: Session, favorite_id: str, draft: FavoriteDraft, at: datetime) -> FavoriteAdded:
        pair = _of_track(draft.user_id, draft.ref)
        found = self._in_thread.find_one(pair, session=session)
        if found is not None:
            return FavoriteAdded(_to_favorite(found), is_new=found["_id"] == favorite_id)
        self._lock(session, draft.user_id)
        kept = self._in_thread.count_documents({"userId": draft.user_id}, limit=MOST_FAVORITES, session=session)
        if kept >= MOST_FAVORITES:
            raise Conflict(f"You have {MOST_FAVORITES:,} favourites; remove one first")
        document = {"_id": favorite_id, **pair, **_new_fields(draft, at)}
        self._in_thread.insert_one(document, session=session)
        return FavoriteAdded(_to_favorite(document), is_new=True)

    def _lock(self, session: Session, user_id: str) -> None:
        """Let one addition of a user follow the other, or two that begin together would both count one too few.

        A lock is shared by whoever falls on the same number, so there are few of them, and none is about anybody.
        """
        lock = {"_id": crc32(user_id.encode()) % _LOCKS}
        self._locks_in_thread.update_one(lock, {"$inc": {"taken": 1}}, upsert=True, session=session)

    async def get(self, user_id: str, favorite_id: str) -> Favorite:
        """The user's favourite of this id.

        Raises:
            NotFound: the user has no such.
            Unavailable: the database is away.
        """
        with driver_errors():
            return _found(await self._favorites.find_one({"_id": favorite_id, "userId": user_id}))

    async def find(self, user_id: str, ref: TrackRef) -> Favorite | None:
        """The user's favourite of this track, if any.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._favorites.find_one(_of_track(user_id, ref))
        return None if found is None else _to_favorite(found)

    async def page(self, wanted: FavoriteFilter) -> Page[Favorite]:
        """One page of a user's favourites, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        clauses: list[Document] = [{"userId": wanted.user_id}]
        clauses += [{"tags": wanted.tag}] if wanted.tag is not None else []
        clauses += [{"provider": wanted.provider.value}] if wanted.provider is not None else []
        clauses += [_with_word(word) for word in wanted.words]
        clauses += [rows_after(_ORDER, wanted.cursor)] if wanted.cursor else []
        with driver_errors():
            found = self._favorites.find({"$and": clauses}).sort([(_ORDER, -1), ("_id", -1)])
            rows = await found.limit(wanted.limit + 1).to_list(None)
        return to_page(rows, wanted.limit, _ORDER, _to_favorite)

    async def change(self, user_id: str, favorite_id: str, changes: FavoriteChanges, at: datetime) -> Favorite:
        """Set or clear notes and tags.

        Raises:
            NotFound, Unavailable: as `get`.
        """
        which = {"_id": favorite_id, "userId": user_id}
        update = {"$set": {**_changed_fields(changes), "updatedAt": at}}
        with driver_errors():
            return _found(await self._favorites.find_one_and_update(which, update, return_document=True))

    async def remove(self, user_id: str, favorite_id: str) -> None:
        """Remove the user's favourite of this id.

        Raises:
            NotFound, Unavailable: as `get`.
        """
        with driver_errors():
            _found(await self._favorites.find_one_and_delete({"_id": favorite_id, "userId": user_id}))


def _of_track(user_id: str, ref: TrackRef) -> Document:
    return {"userId": user_id, "provider": ref.provider.value, "trackId": ref.track_id}


def _new_fields(draft: FavoriteDraft, at: datetime) -> Document:
    fields = _changed_fields(FavoriteChanges(draft.notes or "", draft.tags))
    if draft.track is not None:
        named = (draft.track.title, draft.track.artist, draft.track.album)
        fields |= {"track": track_fields(draft.track), "trackText": "\n".join(filter(None, named)).lower()}
    return fields | {"createdAt": at, "updatedAt": at}


def _changed_fields(changes: FavoriteChanges) -> Document:
    fields: Document = {}
    if changes.notes is not None:
        fields |= {"notes": changes.notes or None, "notesText": changes.notes.lower() or None}
    if changes.tags is not None:
        fields["tags"] = list(changes.tags)
    return fields


def _with_word(word: str) -> Document:
    """Read row by row, but of one user only, who has five thousand at most."""
    somewhere = {"$regex": re.escape(word)}
    return {"$or": [{name: somewhere} for name in ("trackText", "tags", "notesText")]}


def _found(document: Document | None) -> Favorite:
    if document is None:
        raise NotFound("Favorite not found")
    return _to_favorite(document)


def _to_favorite(document: Document) -> Favorite:
    ref = TrackRef(ProviderName(document["provider"]), document["trackId"])
    return Favorite(
        id=document["_id"],
        user_id=document["userId"],
        ref=ref,
        notes=document.get("notes"),
        tags=tuple(document.get("tags", ())),
        created_at=document["createdAt"],
        updated_at=document["updatedAt"],
        track=read_track(ref.provider, ref.track_id, document.get("track")),
    )
