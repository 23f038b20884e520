"""Views: one row per user and song, and a `viewCount` on every song, also on songs that were there before."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections, drop_indexes

_VIEW_INDEXES = [
    IndexModel([("userId", ASCENDING), ("songId", ASCENDING)], unique=True, name="user_song_unique"),
    IndexModel([("songId", ASCENDING)], name="song_index"),
    IndexModel([("userId", ASCENDING)], name="user_index"),
]


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the indexes; give a count to each song that has none, out of the views that are there."""
    await create_indexes(db["views"], _VIEW_INDEXES)
    await create_indexes(db["songs"], [IndexModel([("viewCount", -1), ("_id", -1)], name="views_first")])
    await _count_views_of_songs_without_count(db)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove the views and their counts; the songs stay."""
    await drop_collections(db, "views")
    await db["songs"].update_many({}, {"$unset": {"viewCount": "", "countsRevision": ""}})
    await drop_indexes(db["songs"], "views_first")


async def _count_views_of_songs_without_count(db: AsyncIOMotorDatabase[Document]) -> None:
    without = {"viewCount": {"$not": {"$type": "number"}}}
    async for song in db["songs"].find(without, {"_id": 1}):
        views = await db["views"].count_documents({"songId": song["_id"]})
        # The filter again: a song that was counted since then is left alone.
        await db["songs"].update_one({"_id": song["_id"], **without}, {"$set": {"viewCount": views}})
