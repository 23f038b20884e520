"""Likes and bookmarks: one row per user and song while the reaction stands, and their counts on every song."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections, drop_indexes

_COUNTERS = {"likes": "likeCount", "bookmarks": "bookmarkCount"}


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the indexes, and the counts of the songs that have none."""
    for rows, counter in _COUNTERS.items():
        await create_indexes(
            db[rows],
            [
                IndexModel([("userId", ASCENDING), ("songId", ASCENDING)], unique=True, name="user_song_unique"),
                IndexModel([("songId", ASCENDING)], name="song_index"),
            ],
        )
        await _count_rows_of_songs_without_count(db, rows, counter)
    await create_indexes(
        db["songs"], [IndexModel([("likeCount", DESCENDING), ("_id", DESCENDING)], name="likes_first")]
    )


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove the reactions and their counts; the songs stay."""
    await drop_collections(db, *_COUNTERS)
    await db["songs"].update_many({}, {"$unset": dict.fromkeys(_COUNTERS.values(), "")})
    await drop_indexes(db["songs"], "likes_first")


async def _count_rows_of_songs_without_count(db: AsyncIOMotorDatabase[Document], rows: str, counter: str) -> None:
    without = {counter: {"$not": {"$type": "number"}}}
    async for song in db["songs"].find(without, {"_id": 1}):
        count = await db[rows].count_documents({"songId": song["_id"]})
        await db["songs"].update_one({"_id": song["_id"], **without}, {"$set": {counter: count}})
