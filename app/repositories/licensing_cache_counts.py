"""The collection `licensing_cache_counts`: what became of requests for kept answers, by day, provider and kind."""

from collections.abc import Mapping
from datetime import datetime

from pymongo import UpdateOne

from app.models.licensing.cache import Shelf, Tally
from app.repositories.licensing_cache_documents import to_shelf
from app.repositories.mongo import Document, Mongo, driver_errors

_COUNTED = ("hits", "misses", "stale", "coalesced")


class CacheCountRepository:
    """Adds what the processes have counted."""

    def __init__(self, mongo: Mongo) -> None:
        self._counts = mongo.db["licensing_cache_counts"]

    async def add(self, day: datetime, tallies: Mapping[Shelf, Tally]) -> None:
        """Add to a day (its first moment) what was counted since the last time.

        Raises:
            Unavailable: the database is away; some may have been added.
        """
        if not tallies:
            return
        with driver_errors():
            await self._counts.bulk_write(
                [_addition(day, shelf, tally) for shelf, tally in tallies.items()], ordered=False
            )

    async def since(self, day: datetime) -> Mapping[Shelf, Tally]:
        """The sums over all days from this one on.

        Raises:
            Unavailable: the database is away.
        """
        sums: Document = {name: {"$sum": f"${name}"} for name in _COUNTED}
        pipeline: list[Document] = [
            {"$match": {"day": {"$gte": day}}},
            {"$group": {"_id": {"provider": "$provider", "kind": "$kind"}, **sums}},
        ]
        with driver_errors():
            rows = await self._counts.aggregate(pipeline).to_list(None)
        return {to_shelf(row["_id"]): Tally(**{name: row[name] for name in _COUNTED}) for row in rows}


def _addition(day: datetime, shelf: Shelf, tally: Tally) -> UpdateOne:
    provider, kind = shelf.provider.value, shelf.kind.value
    return UpdateOne(
        {"_id": f"{day:%Y-%m-%d}:{provider}:{kind}"},
        {
            "$inc": {name: getattr(tally, name) for name in _COUNTED},
            "$setOnInsert": {"day": day, "provider": provider, "kind": kind},
        },
        upsert=True,
    )
