"""The collection `licensing_cache`: answers of providers, and who of many processes is fetching a new one."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from pymongo import ReturnDocument, WriteConcern

from app.models.licensing.cache import AnswerKey, Holding, KeptBody, SharedFailure, Shelf, Slot
from app.models.licensing.providers import CacheKind, ProviderName
from app.repositories.licensing_cache_documents import SHAPE, from_failure, from_kept, to_shelf, to_slot
from app.repositories.mongo import Document, Mongo, driver_errors

BY_SHELF = "shelf_bytes"
"""The index that has all that `holdings` reads."""

_CLAIMED_FOR_MS = 600_000
_IS_CLAIMED = {"$gt": ["$fetching.until", "$$NOW"]}
_SEEN: Document = {
    **dict.fromkeys(
        ("shape", "body", "isAbsent", "observedAt", "freshUntil", "usableUntil", "generation", "failed"), 1
    ),
    # By the server's clock: a claim of a killed process ends at the same moment for all.
    "claimedBy": {"$cond": [_IS_CLAIMED, "$fetching.by", None]},
}


class LicensingCacheRepository:
    """Answers under their keys. Everything here can be had again, so no write waits for the journal."""

    def __init__(self, mongo: Mongo) -> None:
        self._answers = mongo.db["licensing_cache"].with_options(write_concern=WriteConcern(w=1))

    async def find(self, key: AnswerKey) -> Slot:
        """What lies there.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            return to_slot(await self._answers.find_one({"_id": key.id}, _SEEN))

    async def claim(self, key: AnswerKey, by: str, lifetime: timedelta, now: datetime, generation: int) -> Slot:
        """Take it upon us to fetch the answer, unless a fresh one is there or somebody else is at it.

        `now` is what freshness is measured by; `lifetime` runs by the server's clock. It is ours when the slot that
        comes back is claimed by us.

        Raises:
            Unavailable: the database is away.
        """
        change = _claim_if_free(key.shelf, by, lifetime, now, generation)
        with driver_errors():
            stored = await self._answers.find_one_and_update(
                {"_id": key.id}, change, projection=_SEEN, upsert=True, return_document=ReturnDocument.AFTER
            )
        return to_slot(stored)

    async def renew(self, key: AnswerKey, by: str, lifetime: timedelta) -> None:
        """Keep a claim of ours; one that was lost is not taken again.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            await self._answers.update_one(_claimed(key, by), [{"$set": {"fetching.until": _after(lifetime)}}])

    async def put(self, key: AnswerKey, by: str, kept: KeptBody) -> None:
        """Lay down an answer and end the claim; nothing happens when the claim is not ours any more.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            await self._answers.update_one(
                _claimed(key, by), {"$set": from_kept(kept), "$unset": {"fetching": "", "failed": ""}}
            )

    async def give_up(self, key: AnswerKey, by: str, failure: SharedFailure | None) -> None:
        """End a claim of ours without an answer; whoever waits for it is told the failure, or else tries it.

        Raises:
            Unavailable: the database is away; the claim then ends by itself.
        """
        change: Document = {"$unset": {"fetching": ""}}
        if failure is not None:
            change["$set"] = {"failed": from_failure(failure, by)}
        with driver_errors():
            await self._answers.update_one(_claimed(key, by), change)

    async def remove(self, providers: Collection[ProviderName], kinds: Collection[CacheKind]) -> int:
        """Remove all answers of these shelves, with the claims, so that calls on their way leave nothing behind.

        Returns how many answers there were.

        Raises:
            Unavailable: the database is away.
        """
        where: Document = _on_shelves(providers, kinds)
        with driver_errors():
            removed = await self._answers.delete_many({**where, "bytes": {"$gte": 0}})
            await self._answers.delete_many(where)
        return removed.deleted_count

    async def holdings(self) -> Mapping[Shelf, Holding]:
        """How much lies on each shelf that is not empty.

        Raises:
            Unavailable: the database is away.
        """
        pipeline: list[Document] = [
            {"$match": {**_on_shelves(list(ProviderName), list(CacheKind)), "bytes": {"$gte": 0}}},
            {
                "$group": {
                    "_id": {"provider": "$provider", "kind": "$kind"},
                    "entries": {"$sum": 1},
                    "size": {"$sum": "$bytes"},
                }
            },
        ]
        with driver_errors():
            rows = await self._answers.aggregate(pipeline, hint=BY_SHELF).to_list(None)
        return {to_shelf(row["_id"]): Holding(row["entries"], row["size"]) for row in rows}


def _on_shelves(providers: Collection[ProviderName], kinds: Collection[CacheKind]) -> Document:
    return {
        "provider": {"$in": [provider.value for provider in providers]},
        "kind": {"$in": [kind.value for kind in kinds]},
    }


def _claimed(key: AnswerKey, by: str) -> Document:
    return {"_id": key.id, "fetching.by": by}


def _after(lifetime: timedelta) -> Document:
    return {"$add": ["$$NOW", int(lifetime.total_seconds() * 1000)]}


def _claim_if_free(shelf: Shelf, by: str, lifetime: timedelta, now: datetime, generation: int) -> list[Document]:
    """One atomic update: it stays as it is unless nobody is at it and there is nothing fresh."""
    is_fresh = {
        "$and": [
            {"$eq": ["$shape", SHAPE]},
            {"$gt": ["$freshUntil", now]},
            {"$gte": ["$generation", generation]},
        ]
    }
    is_free = {"$not": [{"$or": [_IS_CLAIMED, is_fresh]}]}
    kept_until = {"$max": ["$expiresAt", {"$add": ["$$NOW", _CLAIMED_FOR_MS]}]}
    return [
        {
            "$set": {
                "provider": shelf.provider.value,
                "kind": shelf.kind.value,
                "expiresAt": {"$cond": [is_free, kept_until, "$expiresAt"]},
                "fetching": {"$cond": [is_free, {"by": by, "until": _after(lifetime)}, "$fetching"]},
            }
        }
    ]
