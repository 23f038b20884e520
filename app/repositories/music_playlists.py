"""Licensed tracks in the collection `playlists`, which this wing shares with the statistics.

The tracks lie in the playlist itself, in their order, so that one write changes them as a whole.
"""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument

from app.errors import NotFound
from app.models.licensing.playlists import (
    MOST_TRACKS,
    FilledPlaylist,
    MusicPlaylist,
    MusicPlaylistChanges,
    MusicPlaylistDraft,
    OrderedPlaylist,
    PlaylistEntryDraft,
)
from app.models.pages import Page
from app.models.stats.playlists import SubmissionStatus
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.music_playlist_documents import (
    HEAD,
    HEAD_AND_ORDER,
    by_id,
    entry_document,
    in_version,
    own,
    to_filled,
    to_ordered,
    to_playlist,
)

_ORDER = "createdAt"
# Half of what MongoDB stores in one document; a thousand usual tracks are one MiB.
_MOST_BYTES = 8 * 1024 * 1024


class MusicPlaylistRepository:
    """Reads and changes playlists. Whoever changes one owns it: `owner_id` is part of every question."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._playlists = mongo.db["playlists"]
        self._in_thread = mongo.in_thread["playlists"]
        self._submissions_in_thread = mongo.in_thread["playlist_submissions"]

    def new_id(self) -> str:
        """An id that nobody has."""
        return str(ObjectId())

    async def add(self, draft: MusicPlaylistDraft, at: datetime) -> MusicPlaylist:
        """Add an empty playlist.

        Raises:
            Unavailable: the database is away.
        """
        document: Document = {
            "_id": self.new_id(),
            "ownerId": draft.owner_id,
            "title": draft.title,
            "description": draft.description,
            "isPublic": draft.is_public,
            "changes": 0,
            "licensedTracks": [],
            "createdAt": at,
            "updatedAt": at,
        }
        with driver_errors():
            await self._playlists.insert_one(document)
        return to_playlist(document)

    async def head(self, playlist_id: str) -> MusicPlaylist:
        """The playlist of this id, anybody's, without its tracks.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        with driver_errors():
            return to_playlist(_found(await self._playlists.find_one(by_id(playlist_id), HEAD)))

    async def get(self, playlist_id: str) -> FilledPlaylist:
        """The playlist of this id, anybody's.

        Raises:
            NotFound, Unavailable: as `head`.
        """
        with driver_errors():
            return to_filled(_found(await self._playlists.find_one(by_id(playlist_id))))

    async def ordered(self, playlist_id: str) -> OrderedPlaylist:
        """The playlist of this id, anybody's, with the ids of its entries.

        Raises:
            NotFound, Unavailable: as `head`.
        """
        with driver_errors():
            return to_ordered(_found(await self._playlists.find_one(by_id(playlist_id), HEAD_AND_ORDER)))

    async def page(self, owner_id: str, cursor: str | None, limit: int) -> Page[MusicPlaylist]:
        """One page of a user's playlists, the newest first, without their tracks.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        which = {"ownerId": owner_id} | (rows_after(_ORDER, cursor) if cursor else {})
        with driver_errors():
            found = self._playlists.find(which, HEAD).sort([(_ORDER, -1), ("_id", -1)])
            rows = await found.limit(limit + 1).to_list(None)
        return to_page(rows, limit, _ORDER, to_playlist)

    async def change(
        self, owner_id: str, playlist_id: str, changes: MusicPlaylistChanges, at: datetime
    ) -> OrderedPlaylist | None:
        """Set fields; `None` when the user has no such playlist, or not in this version.

        Raises:
            Unavailable: the database is away.
        """
        which = own(owner_id, playlist_id) | in_version(changes.version)
        fields: Document = {} if changes.title is None else {"title": changes.title}
        fields |= {} if changes.description is None else {"description": changes.description or None}
        fields |= {} if changes.is_public is None else {"isPublic": changes.is_public}
        return await self._change(which, {"$set": fields}, at)

    async def add_entry(
        self, owner_id: str, playlist_id: str, draft: PlaylistEntryDraft, at: datetime
    ) -> OrderedPlaylist | None:
        """Add a track; `None` when the user has no such playlist, or it has the track, or has no room for it.

        Raises:
            Unavailable: the database is away.
        """
        same = {"provider": draft.ref.provider.value, "trackId": draft.ref.track_id}
        which: Document = own(owner_id, playlist_id) | {
            "licensedTracks": {"$not": {"$elemMatch": same}},
            f"licensedTracks.{MOST_TRACKS - 1}": {"$exists": False},
            "$expr": {"$lt": [{"$bsonSize": "$$ROOT"}, _MOST_BYTES]},
        }
        entry = entry_document(draft, at)
        place: Document = {} if draft.position is None else {"$position": draft.position}
        return await self._change(which, {"$push": {"licensedTracks": {"$each": [entry], **place}}}, at)

    async def remove_entry(
        self, owner_id: str, playlist_id: str, entry_id: str, at: datetime
    ) -> OrderedPlaylist | None:
        """Remove a track; `None` when the user has no such playlist, or it has no such entry.

        Raises:
            Unavailable: the database is away.
        """
        which = own(owner_id, playlist_id) | {"licensedTracks.id": entry_id}
        return await self._change(which, {"$pull": {"licensedTracks": {"id": entry_id}}}, at)

    async def reorder(
        self, owner_id: str, playlist_id: str, version: int, order: Sequence[str], at: datetime
    ) -> OrderedPlaylist | None:
        """Put the tracks of this version into an order of all of its entries; `None` when it is not the current one.

        Raises:
            Unavailable: the database is away.
        """
        which = own(owner_id, playlist_id) | in_version(version)
        with driver_errors():
            found = await self._playlists.find_one(which, {"licensedTracks": 1})
        if found is None:
            return None
        # What is read may be written back: whoever changes it meanwhile changes the version.
        entries = {entry["id"]: entry for entry in found.get("licensedTracks", ())}
        return await self._change(which, {"$set": {"licensedTracks": [entries[one] for one in order]}}, at)

    async def remove(self, owner_id: str, playlist_id: str, at: datetime) -> bool:
        """Remove a playlist, and reject what waits for a decision on it; whether the user had such a playlist.

        Raises:
            TransientFailure: run it again; with `UNKNOWN` it may have been removed.
        """
        return await self._mongo.transaction(lambda session: self._remove(session, owner_id, playlist_id, at))

    def _remove(self, session: Session, owner_id: str, playlist_id: str, at: datetime) -> bool:
        removed = self._in_thread.find_one_and_delete(own(owner_id, playlist_id), {"_id": 1}, session=session)
        if removed is None:
            return False
        waiting = {"playlistId": str(removed["_id"]), "status": SubmissionStatus.PENDING.value}
        rejected = {"status": SubmissionStatus.REJECTED.value, "decidedAt": at}
        self._submissions_in_thread.update_many(waiting, {"$set": rejected}, session=session)
        return True

    async def _change(self, which: Document, update: Document, at: datetime) -> OrderedPlaylist | None:
        counted = {**update, "$set": {**update.get("$set", {}), "updatedAt": at}, "$inc": {"changes": 1}}
        with driver_errors():
            changed = await self._playlists.find_one_and_update(
                which, counted, projection=HEAD_AND_ORDER, return_document=ReturnDocument.AFTER
            )
        return to_ordered(changed) if changed else None


def _found(document: Document | None) -> Document:
    if document is None:
        raise NotFound("Playlist not found")
    return document
