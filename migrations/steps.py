"""Steps that migrations share: each is safe to repeat, and says what to do when the data stands in its way."""

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import IndexModel
from pymongo.errors import OperationFailure

Document = dict[str, Any]

_DUPLICATE_KEY = 11000
_NO_INDEX = 27
_NO_COLLECTION = 26


class DataInTheWay(Exception):
    """The stored data does not allow the change; the message says which and what to do."""


async def create_indexes(collection: AsyncIOMotorCollection[Document], indexes: Sequence[IndexModel]) -> None:
    """Create indexes that are not there yet.

    Raises:
        DataInTheWay: rows break a unique index; nothing was changed.
    """
    try:
        await collection.create_indexes(list(indexes))
    except OperationFailure as error:
        if error.code != _DUPLICATE_KEY:
            raise
        keys = (error.details or {}).get("keyValue")
        raise DataInTheWay(
            f"Two documents of {collection.name!r} have the same {keys}. "
            "Remove or rename one of them and migrate again."
        ) from error


async def drop_indexes(collection: AsyncIOMotorCollection[Document], *names: str) -> None:
    """Drop indexes, those too that are gone already."""
    for name in names:
        try:
            await collection.drop_index(name)
        except OperationFailure as error:
            if error.code not in {_NO_INDEX, _NO_COLLECTION}:
                raise


async def drop_collections(db: AsyncIOMotorDatabase[Document], *names: str) -> None:
    """Drop collections, those too that are gone already."""
    for name in names:
        await db.drop_collection(name)
