"""Steps that migrations share: each is safe to repeat, and says what to do when the data stands in its way."""

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo import IndexModel
from pymongo.errors import OperationFailure

Document = dict[str, Any]

_DUPLICATE_KEY = 11000
_OTHER_OPTIONS = {67, 85, 86}
_NO_INDEX = 27
_NO_COLLECTION = 26


class DataInTheWay(Exception):
    """The stored data does not allow the change; the message says which and what to do."""


async def create_indexes(collection: AsyncIOMotorCollection[Document], indexes: Sequence[IndexModel]) -> None:
    """Create indexes that are not there yet; the same index under another name gives way to ours.

    Raises:
        DataInTheWay: rows break a unique index, or an index of another program cannot stand beside ours.
    """
    for index in indexes:
        await _replace_twin(collection, index)
    try:
        await collection.create_indexes(list(indexes))
    except OperationFailure as error:
        in_the_way = _explained(collection.name, error)
        if in_the_way is None:
            raise
        raise in_the_way from error
    await drop_indexes(collection, *(_bridge(index.document) for index in indexes))


def _explained(collection: str, error: OperationFailure) -> DataInTheWay | None:
    if error.code == _DUPLICATE_KEY:
        keys = (error.details or {}).get("keyValue")
        return DataInTheWay(
            f"Two documents of {collection!r} have the same {keys}. Remove or rename one of them and migrate again."
        )
    if error.code in _OTHER_OPTIONS:
        reason = (error.details or {}).get("errmsg")
        return DataInTheWay(
            f"{collection!r} has an index that ours cannot stand beside; drop it and migrate again. "
            f"MongoDB says: {reason}"
        )
    return None


async def _replace_twin(collection: AsyncIOMotorCollection[Document], index: IndexModel) -> None:
    """Mongoose names indexes by their keys, and MongoDB refuses the same index under a second name.

    While the twin of a unique index is away, another one with the keys in reverse keeps the pairs unique.
    """
    wanted: Document = index.document
    keys = list(wanted["key"].items())
    for name, found in (await collection.index_information()).items():
        if name != wanted["name"] and _rules_of(found) == _rules_of(wanted) and list(found["key"]) == keys:
            if wanted.get("unique"):
                await collection.create_index(keys[::-1], unique=True, name=_bridge(wanted))
            await collection.drop_index(name)
            await collection.create_indexes([index])


def _bridge(index: Document) -> str:
    return f"{index['name']}_bridge"


def _rules_of(index: Document) -> Document:
    return {name: rule for name, rule in index.items() if name not in {"key", "name", "v", "ns", "background"}}


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
