"""Licensing: our copy of the catalogues that may be copied, and the jobs that keep it."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections

_LATEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]
_KEPT_SECONDS = 90 * 24 * 3600

INDEXES = {
    "licensed_tracks": [
        # What a walk has not met may have vanished.
        IndexModel([("provider", ASCENDING), ("vanishedAt", ASCENDING), ("seenAt", ASCENDING)], name="provider_seen"),
        IndexModel(
            [("provider", ASCENDING), ("item", ASCENDING)],
            name="item_index",
            partialFilterExpression={"item": {"$exists": True}},
        ),
        IndexModel([("genres", ASCENDING), ("bpm", ASCENDING)], name="genre_tempo"),
        IndexModel([("moods", ASCENDING), ("bpm", ASCENDING)], name="mood_tempo"),
    ],
    "sync_jobs": [
        IndexModel(
            [("walks", ASCENDING)],
            unique=True,
            name="one_walk",
            partialFilterExpression={"walks": {"$exists": True}},
        ),
        IndexModel(_LATEST, name="latest"),
        IndexModel([("provider", ASCENDING), *_LATEST], name="provider_latest"),
        IndexModel([("status", ASCENDING), *_LATEST], name="status_latest"),
        IndexModel(
            [("untold", ASCENDING), ("createdAt", ASCENDING)], name="untold", partialFilterExpression={"untold": True}
        ),
        IndexModel([("finishedAt", ASCENDING)], name="kept", expireAfterSeconds=_KEPT_SECONDS),
    ],
}


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create both collections with their indexes; a transaction cannot create one and index it."""
    for name, indexes in INDEXES.items():
        await create_indexes(db[name], indexes)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove the copy, which another sync makes again, and the jobs."""
    await drop_collections(db, *INDEXES)
