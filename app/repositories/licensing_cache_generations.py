"""The collection `licensing_cache_generations`: how often each shelf of the cache was emptied, in one document."""

from collections.abc import Collection, Mapping

from pymongo import ReturnDocument

from app.models.licensing.cache import Shelf
from app.models.licensing.providers import CacheKind, ProviderName
from app.repositories.mongo import Document, Mongo, driver_errors

_ALL = "all"


class CacheGenerationRepository:
    """Numbers that only grow: what was asked before its shelf's number grew does not count any more."""

    def __init__(self, mongo: Mongo) -> None:
        self._generations = mongo.db["licensing_cache_generations"]

    async def all(self) -> Mapping[Shelf, int]:
        """Those of the shelves that were ever emptied; the others are at zero.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            return _to_generations(await self._generations.find_one({"_id": _ALL}))

    async def advance(self, shelves: Collection[Shelf]) -> Mapping[Shelf, int]:
        """Begin a new generation on these shelves; returns all.

        Raises:
            Unavailable: the database is away.
        """
        numbers = {_field(shelf): _next(f"${_field(shelf)}") for shelf in shelves}
        with driver_errors():
            stored = await self._generations.find_one_and_update(
                {"_id": _ALL}, [{"$set": numbers}], upsert=True, return_document=ReturnDocument.AFTER
            )
        return _to_generations(stored)


def _field(shelf: Shelf) -> str:
    return f"{shelf.provider.value}.{shelf.kind.value}"


def _next(number: str) -> Document:
    """The time, in milliseconds: it grows also when somebody has removed what was there."""
    return {"$max": [{"$toLong": "$$NOW"}, {"$add": [number, 1]}]}


def _to_generations(stored: Document | None) -> Mapping[Shelf, int]:
    found = stored or {}
    return {
        Shelf(provider, kind): number
        for provider in ProviderName
        for kind in CacheKind
        if (number := found.get(provider.value, {}).get(kind.value)) is not None
    }
