"""Webhooks in and out, downloads and experiments."""

from datetime import timedelta

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections

_KEPT = int(timedelta(days=30).total_seconds())
_LATEST = [("createdAt", DESCENDING), ("_id", DESCENDING)]

_QUEUED = {"state": "queued"}

INDEXES: dict[str, list[IndexModel]] = {
    "webhook_receipts": [
        IndexModel([("dueAt", ASCENDING)], name="due", partialFilterExpression=_QUEUED),
        # The same event signed anew is the same event.
        IndexModel(
            [("provider", ASCENDING), ("eventId", ASCENDING)],
            unique=True,
            name="event_unique",
            partialFilterExpression={"eventId": {"$exists": True}},
        ),
        # Far longer than a signature is taken; what is still queued has no end and stays.
        IndexModel([("endedAt", ASCENDING)], name="kept", expireAfterSeconds=_KEPT),
    ],
    "webhook_subscriptions": [
        IndexModel(_LATEST, name="latest"),
        IndexModel([("events", ASCENDING), ("isActive", ASCENDING)], name="to_be_told"),
        IndexModel([("createdBy", ASCENDING)], name="creator_index"),
    ],
    "webhook_deliveries": [
        IndexModel([("dueAt", ASCENDING), ("subscriptionId", ASCENDING)], name="due", partialFilterExpression=_QUEUED),
        IndexModel([("subscriptionId", ASCENDING), *_LATEST], name="subscription_latest"),
        IndexModel([("subscriptionId", ASCENDING)], name="subscription_queued", partialFilterExpression=_QUEUED),
        IndexModel([("endedAt", ASCENDING)], name="kept", expireAfterSeconds=_KEPT),
    ],
    "track_downloads": [
        IndexModel([("dueAt", ASCENDING), ("provider", ASCENDING)], name="due", partialFilterExpression=_QUEUED),
        IndexModel(
            [
                ("userId", ASCENDING),
                ("provider", ASCENDING),
                ("trackId", ASCENDING),
                ("projectId", ASCENDING),
                ("format", ASCENDING),
            ],
            unique=True,
            name="same_unique",
            partialFilterExpression={"isActive": True},
        ),
        IndexModel([("userId", ASCENDING), *_LATEST], name="user_latest"),
        IndexModel([("userId", ASCENDING), ("state", ASCENDING), *_LATEST], name="user_state_latest"),
    ],
    "experiments": [
        IndexModel(_LATEST, name="latest"),
        IndexModel([("trackKeys", ASCENDING), ("startsAt", ASCENDING)], name="track_running"),
    ],
    "experiment_assignments": [
        IndexModel([("experimentId", ASCENDING), ("userId", ASCENDING)], unique=True, name="experiment_user_unique"),
        # Holds all that results are counted from.
        IndexModel(
            [("experimentId", ASCENDING), ("variant", ASCENDING), ("converted", ASCENDING)], name="experiment_counts"
        ),
        IndexModel([("userId", ASCENDING)], name="user_index"),
    ],
}


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the collections with their indexes."""
    for name, indexes in INDEXES.items():
        await create_indexes(db[name], indexes)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove everything of them."""
    await drop_collections(db, *INDEXES)
