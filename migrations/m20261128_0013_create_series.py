"""Shows, seasons and episodes of tenants."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections

_TENANT = ("tenant", ASCENDING)
_ORDER = [("order_number", ASCENDING), ("order_published", ASCENDING), ("_id", ASCENDING)]

INDEXES = {
    "shows": [IndexModel([_TENANT, ("_id", ASCENDING)], name="tenant_id")],
    "seasons": [
        IndexModel([("show", ASCENDING), ("season_number", ASCENDING)], unique=True, name="show_number_unique"),
        IndexModel(
            [_TENANT, ("show", ASCENDING), ("season_number", ASCENDING), ("_id", ASCENDING)], name="tenant_show_number"
        ),
    ],
    "episodes": [
        IndexModel([_TENANT, ("season", ASCENDING), *_ORDER], name="tenant_season_order"),
        IndexModel([_TENANT, ("show", ASCENDING), *_ORDER], name="tenant_show_order"),
        IndexModel([_TENANT, *_ORDER], name="tenant_order"),
    ],
}


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the collections with their indexes: a transaction cannot create one and index it."""
    for name, indexes in INDEXES.items():
        await create_indexes(db[name], indexes)


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove the catalogue, and the ids that were handed out."""
    await drop_collections(db, *INDEXES, "episode_sequences")
