"""The collection `artists`: who made tracks, and whose account sees their dashboard."""

from datetime import datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from app.errors import Conflict, NotFound
from app.models.pages import Page
from app.models.stats.tracks import Artist, ArtistChanges, ArtistDraft
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, driver_errors
from app.repositories.stats_dirt import track_keys
from app.repositories.stored_fields import moment, text

_ORDER = "createdAt"


class ArtistRepository:
    """Reads and changes artists."""

    def __init__(self, mongo: Mongo) -> None:
        self._artists = mongo.db["artists"]

    async def get(self, artist_id: str) -> Artist:
        """The artist of this id.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        return await self._get(_by_id(artist_id))

    async def of_user(self, user_id: str) -> Artist:
        """The artist whose account this is; raises as `get`."""
        return await self._get({"userId": user_id})

    async def _get(self, which: Document) -> Artist:
        with driver_errors():
            found = await self._artists.find_one(which)
        return _to_artist(found)

    async def page(self, cursor: str | None, limit: int) -> Page[Artist]:
        """Artists, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        which = rows_after(_ORDER, cursor) if cursor else {}
        with driver_errors():
            rows = await self._artists.find(which).sort([(_ORDER, -1), ("_id", -1)]).limit(limit + 1).to_list(None)
        return to_page(rows, limit, _ORDER, _to_artist)

    async def add(self, draft: ArtistDraft, at: datetime) -> Artist:
        """Add an artist.

        Raises:
            Conflict: the id or the user belongs to another artist.
            Unavailable: the database is away.
        """
        document = _new_document(draft, at)
        with driver_errors():
            # An id of another program is an ObjectId, which no unique index compares with our strings.
            if await self._artists.find_one(_by_id(document["_id"]), {"_id": 1}):
                raise Conflict("Another artist has this id")
            try:
                await self._artists.insert_one(document)
            except DuplicateKeyError as error:
                raise _conflict(error) from error
        return _to_artist(document)

    async def change(self, artist_id: str, changes: ArtistChanges, at: datetime) -> Artist:
        """Change an artist; raises as `get`."""
        wanted = {"name": changes.name, "excludeOwnPlays": changes.exclude_own_plays}
        fields = {name: value for name, value in wanted.items() if value is not None} | {"updatedAt": at}
        with driver_errors():
            changed = await self._artists.find_one_and_update(_by_id(artist_id), {"$set": fields}, return_document=True)
        return _to_artist(changed)


def _by_id(artist_id: str) -> Document:
    return {"_id": {"$in": track_keys([artist_id])}}


def _conflict(error: DuplicateKeyError) -> Conflict:
    is_user = "userId" in (error.details or {}).get("keyPattern", {})
    return Conflict("Another artist belongs to this user" if is_user else "Another artist has this id")


def _new_document(draft: ArtistDraft, at: datetime) -> Document:
    return {
        "_id": draft.id or str(ObjectId()),
        "name": draft.name,
        "userId": draft.user_id,
        "excludeOwnPlays": draft.exclude_own_plays,
        "createdAt": at,
        "updatedAt": at,
    }


def _to_artist(document: Document | None) -> Artist:
    """Read an artist; a document from elsewhere may lack anything but its id."""
    if document is None:
        raise NotFound("Artist not found")
    return Artist(
        id=str(document["_id"]),
        name=text(document.get("name")),
        # An erased user leaves something that is no text, and no user's id.
        user_id=text(document.get("userId")),
        exclude_own_plays=document.get("excludeOwnPlays") is True,
        created_at=moment(document.get("createdAt")),
        updated_at=moment(document.get("updatedAt")),
    )
