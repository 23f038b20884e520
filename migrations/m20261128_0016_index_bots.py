"""Statistics: plays of known bots, which admins look through by time."""

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import DESCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_indexes

_BOTS = "bots"


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the index; plays of people pay nothing for it."""
    which = {"excluded.kind": "bot"}
    index = IndexModel([("timestamp", DESCENDING)], name=_BOTS, partialFilterExpression=which)
    await create_indexes(db["play_events"], [index])


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove it."""
    await drop_indexes(db["play_events"], _BOTS)
