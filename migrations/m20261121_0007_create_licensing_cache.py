"""Licensing: kept answers of providers, how often each shelf was emptied, and what keeping has saved."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections

_COUNTED_FOR_SECONDS = 400 * 24 * 3600

INDEXES: dict[str, list[IndexModel]] = {
    "licensing_cache": [
        IndexModel([("expiresAt", ASCENDING)], name="kept", expireAfterSeconds=0),
        # With the size, so that what all shelves hold is summed without a look at the answers.
        IndexModel([("provider", ASCENDING), ("kind", ASCENDING), ("bytes", ASCENDING)], name="shelf_bytes"),
    ],
    "licensing_cache_counts": [
        IndexModel([("day", ASCENDING)], name="day_kept", expireAfterSeconds=_COUNTED_FOR_SECONDS),
    ],
}
_READ_BY_ID = "licensing_cache_generations"


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the collections with their indexes."""
    for name, indexes in INDEXES.items():
        await create_indexes(db[name], indexes)
    if _READ_BY_ID not in await db.list_collection_names():
        await db.create_collection(_READ_BY_ID)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove everything of the cache; it fills again by itself."""
    await drop_collections(db, *INDEXES, _READ_BY_ID)
