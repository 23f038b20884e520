"""Statistics: the busy days whose listeners are an estimate until the night, which are looked for then."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_indexes

_ESTIMATES = "estimates"


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the index."""
    which = {"uniquePlaysIsEstimate": True}
    index = IndexModel([("date", ASCENDING)], name=_ESTIMATES, partialFilterExpression=which)
    await create_indexes(db["daily_stats"], [index])


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove it."""
    await drop_indexes(db["daily_stats"], _ESTIMATES)
