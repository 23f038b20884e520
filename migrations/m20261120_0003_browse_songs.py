"""The catalogue's own indexes: slugs, search, and the order of a list."""

from datetime import UTC, datetime

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, TEXT, IndexModel
from pymongo.collation import Collation

from migrations.steps import Document, create_indexes, drop_collections, drop_indexes

_SONG_INDEXES = [
    # Only slugs that say something are unique: songs from elsewhere may have none, null or an empty one.
    IndexModel([("slug", ASCENDING)], unique=True, name="slug_unique", partialFilterExpression={"slug": {"$gt": ""}}),
    IndexModel([("createdAt", DESCENDING), ("_id", DESCENDING)], name="recent_first"),
    IndexModel([("artist", ASCENDING)], name="artist_any_case", collation=Collation(locale="en", strength=2)),
    # No stemming: titles are names, and are in any language.
    IndexModel(
        [("title", TEXT), ("artist", TEXT)],
        name="title_artist_text",
        default_language="none",
        language_override="searchLanguage",
    ),
]


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the indexes; a song without `createdAt` gets the time that its ObjectId holds."""
    await create_indexes(db["songs"], _SONG_INDEXES)
    async for song in db["songs"].find({"createdAt": {"$exists": False}}, {"_id": 1}):
        key = song["_id"]
        created = key.generation_time if isinstance(key, ObjectId) else datetime.now(UTC)
        await db["songs"].update_one({"_id": key, "createdAt": {"$exists": False}}, {"$set": {"createdAt": created}})


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Drop the indexes."""
    await drop_indexes(db["songs"], "slug_unique", "recent_first", "artist_any_case", "title_artist_text")
    await drop_collections(db, "song_removals")
