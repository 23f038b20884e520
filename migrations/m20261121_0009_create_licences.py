"""Licences: versions of terms, dated evidence of tracks, what has changed, warnings, and the recorded uses."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections

# Only the version in force has the field, and there is never more than one.
_CURRENT = IndexModel([("currentOf", ASCENDING)], unique=True, sparse=True, name="current_unique")
# Only what is still to be told has the field.
_PENDING = IndexModel([("pendingSince", ASCENDING)], sparse=True, name="pending")
_LATEST_USE = [("usedAt", DESCENDING), ("_id", DESCENDING)]

INDEXES: dict[str, list[IndexModel]] = {
    "license_terms": [
        IndexModel(
            [("provider", ASCENDING), ("tenantId", ASCENDING), ("version", DESCENDING)],
            unique=True,
            name="scope_version_unique",
        ),
        _CURRENT,
    ],
    "license_evidence": [
        IndexModel(
            [("provider", ASCENDING), ("trackId", ASCENDING), ("version", DESCENDING)],
            unique=True,
            name="track_version_unique",
        ),
        _CURRENT,
    ],
    "license_changes": [IndexModel([("at", DESCENDING), ("_id", DESCENDING)], name="latest"), _PENDING],
    "license_warnings": [_PENDING],
    "music_usages": [
        IndexModel(_LATEST_USE, name="latest"),
        IndexModel([("userId", ASCENDING), *_LATEST_USE], name="user_latest"),
        IndexModel([("provider", ASCENDING), ("trackId", ASCENDING), *_LATEST_USE], name="track_latest"),
        IndexModel([("termsOf", ASCENDING), *_LATEST_USE], name="terms_latest"),
        # Most uses are of no tenant, and pay nothing for this one.
        IndexModel(
            [("termsOf", ASCENDING), ("tenantId", ASCENDING), *_LATEST_USE],
            name="tenant_latest",
            partialFilterExpression={"tenantId": {"$gt": ""}},
        ),
        # All that decides whether a use is licensed now, so that compliance is counted without reading a row.
        IndexModel(
            [
                ("provider", ASCENDING),
                ("trackId", ASCENDING),
                ("tenantId", ASCENDING),
                ("usage", ASCENDING),
                ("territory", ASCENDING),
                *_LATEST_USE,
            ],
            name="compliance",
        ),
    ],
}


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the collections with their indexes."""
    for name, indexes in INDEXES.items():
        await create_indexes(db[name], indexes)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove all of it."""
    await drop_collections(db, *INDEXES)
