"""Access to music providers: how each is set up, the calls that count against its quotas, and how its calls went."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections

_KEPT_SECONDS = 400 * 24 * 3600

_CALLS = [IndexModel([("hour", ASCENDING)], name="hour_kept", expireAfterSeconds=_KEPT_SECONDS)]
_BY_ID_ALONE = ("provider_setups", "provider_quotas")


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the collections; set-ups and quotas are found by the provider's name, which is their id."""
    await create_indexes(db["provider_calls"], _CALLS)
    existing = await db.list_collection_names()
    for name in _BY_ID_ALONE:
        if name not in existing:
            await db.create_collection(name)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove everything of them, credentials included."""
    await drop_collections(db, "provider_calls", *_BY_ID_ALONE)
