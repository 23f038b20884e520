"""The collection `playlists`: lists of tracks and who keeps them."""

from datetime import datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from app.errors import Conflict, NotFound
from app.models.pages import Page
from app.models.stats.playlists import Playlist, PlaylistDraft
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, driver_errors
from app.repositories.stats_dirt import track_keys
from app.repositories.stored_fields import identifier, moment, text

_ORDER = "createdAt"
_SHOWN = dict.fromkeys(("ownerId", "title", "createdAt", "updatedAt"), 1)


class PlaylistRepository:
    """Reads and adds playlists."""

    def __init__(self, mongo: Mongo) -> None:
        self._playlists = mongo.db["playlists"]
        self._submissions = mongo.db["playlist_submissions"]

    async def get(self, playlist_id: str) -> Playlist:
        """The playlist of this id.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._playlists.find_one(_by_id(playlist_id), _SHOWN)
        if found is None:
            raise NotFound("Playlist not found")
        return _to_playlist(found)

    async def of_owner(self, owner_id: str, cursor: str | None, limit: int) -> Page[Playlist]:
        """A user's own playlists, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        which = {"ownerId": owner_id} | (rows_after(_ORDER, cursor) if cursor else {})
        with driver_errors():
            found = self._playlists.find(which, _SHOWN).sort([(_ORDER, -1), ("_id", -1)])
            rows = await found.limit(limit + 1).to_list(None)
        return to_page(rows, limit, _ORDER, _to_playlist)

    async def count_of_owner(self, owner_id: str) -> int:
        """How many playlists a user has.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            return await self._playlists.count_documents({"ownerId": owner_id})

    async def add(self, draft: PlaylistDraft, at: datetime) -> Playlist:
        """Add a playlist.

        Raises:
            Conflict: the id belongs to another one, or did, and there are submissions to that.
            Unavailable: the database is away.
        """
        document: Document = {"_id": draft.id or str(ObjectId()), "ownerId": draft.owner_id, "title": draft.title}
        document |= {"createdAt": at, "updatedAt": at}
        with driver_errors():
            # An id of another program is an ObjectId, which no unique index compares with our strings.
            if await self._playlists.find_one(_by_id(document["_id"]), {"_id": 1}):
                raise Conflict("Another playlist has this id")
            # Submissions outlive a playlist whose owner was erased; they were not meant for whoever takes its id.
            if await self._submissions.find_one({"playlistId": document["_id"]}, {"_id": 1}):
                raise Conflict("Another playlist had this id")
            try:
                await self._playlists.insert_one(document)
            except DuplicateKeyError as error:
                raise Conflict("Another playlist has this id") from error
        return _to_playlist(document)


def _by_id(playlist_id: str) -> Document:
    return {"_id": {"$in": track_keys([playlist_id])}}


def _to_playlist(document: Document) -> Playlist:
    return Playlist(
        id=str(document["_id"]),
        owner_id=identifier(document.get("ownerId")) or "",
        title=text(document.get("title")),
        created_at=moment(document.get("createdAt")),
        updated_at=moment(document.get("updatedAt")),
    )
