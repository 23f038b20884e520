"""Favourites of licensed tracks, and what is asked about the user of other rows of that wing."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections, drop_indexes

_LATEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
_OF_USER = ("userId", ASCENDING)
_TRACK = [_OF_USER, ("provider", ASCENDING), ("trackId", ASCENDING)]
_LOCKS = "music_favorite_locks"

_FAVORITES = [
    IndexModel(_TRACK, unique=True, name="user_track_unique"),
    IndexModel([_OF_USER, *_LATEST], name="user_latest"),
    IndexModel([_OF_USER, ("provider", ASCENDING), *_LATEST], name="user_provider_latest"),
    IndexModel([_OF_USER, ("tags", ASCENDING), *_LATEST], name="user_tag_latest"),
]
# Recommendations leave out what the user has.
_USED = IndexModel(_TRACK, name="user_track")


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the collections with their indexes: a transaction cannot create one and index it."""
    await create_indexes(db["music_favorites"], _FAVORITES)
    await create_indexes(db["music_usages"], [_USED])
    if _LOCKS not in await db.list_collection_names():
        await db.create_collection(_LOCKS)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove the favourites. Playlists are of the statistics wing too, and stay with their tracks."""
    await drop_collections(db, "music_favorites", _LOCKS)
    await drop_indexes(db["music_usages"], "user_track")
