"""Episodes: buckets of days, marks on days whose views were removed, and what finds the views that are out of date."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections, drop_indexes

_DIRTY_OF_SHOW = "dirty_of_show"

INDEXES = {
    "episode_buckets": [
        IndexModel([("kind", ASCENDING), ("scope", ASCENDING), ("day", ASCENDING)], name="scope_day"),
        IndexModel([("show", ASCENDING), ("day", ASCENDING)], name="show_day"),
    ],
    "episode_dirty_days": [
        IndexModel([("show", ASCENDING), ("season", ASCENDING), ("episode", ASCENDING)], name="place"),
    ],
    "episode_views": [
        IndexModel(
            [("show", ASCENDING), ("season", ASCENDING), ("day", ASCENDING)],
            name=_DIRTY_OF_SHOW,
            partialFilterExpression={"dirty": True},
        ),
    ],
}


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the collections with their indexes, and the one more index of views."""
    for name, indexes in INDEXES.items():
        await create_indexes(db[name], indexes)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove the buckets, and see to it that they are all made again when they are wanted again."""
    await db["episode_views"].update_many({"dirty": {"$ne": True}}, {"$set": {"dirty": True}, "$inc": {"revision": 1}})
    await drop_collections(db, "episode_buckets", "episode_dirty_days")
    await drop_indexes(db["episode_views"], _DIRTY_OF_SHOW)
