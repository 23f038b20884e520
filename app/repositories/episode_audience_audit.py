"""The viewers that `episode_audiences` tells against the rows of `episode_viewers`."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

from app.models.episodes.drift import NumberDrift
from app.repositories.mongo import Document, Mongo, Session, driver_errors

_AT_ONCE = 500
_KEY: Document = {"$concat": ["$kind", ":", {"$toString": "$scope"}]}


class AudienceAuditRepository:
    """Finds audiences that may be off, and settles each in a transaction."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._viewers = mongo.db["episode_viewers"]
        self._audiences = mongo.db["episode_audiences"]

    async def batches(self) -> AsyncIterator[list[str]]:
        """The keys of all audiences, and of all that should be there, in batches; some come twice.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors(), self._mongo.patiently():
            stored = self._audiences.find({}, {"_id": 1}).sort("_id", 1)
            async for batch in _batches(stored):
                yield batch
            by_scope: list[Document] = [{"$group": {"_id": {"kind": "$kind", "scope": "$scope"}}}]
            counted = self._viewers.aggregate([*by_scope, {"$replaceWith": "$_id"}, {"$project": {"_id": _KEY}}])
            async for batch in _batches(counted):
                yield batch

    async def suspects(self, keys: Sequence[str]) -> list[str]:
        """Those whose number differs from their rows, read without a transaction; each is to be judged by `settle`.

        Raises:
            Unavailable: the database is away.
        """
        if not keys:
            return []
        with driver_errors(), self._mongo.patiently():
            rows = await self._audiences.find({"_id": {"$in": list(keys)}}, {"viewers": 1}).to_list(None)
            counted = await self._viewers.aggregate(_counts(keys)).to_list(None)
        stored, counts = {row["_id"]: row["viewers"] for row in rows}, {row["_id"]: row["n"] for row in counted}
        return [key for key in keys if stored.get(key, 0) != counts.get(key, 0)]

    async def settle(self, key: str, *, repair: bool) -> NumberDrift | None:
        """Compare one audience with its rows in one snapshot, and set it right if `repair`.

        Raises:
            TransientFailure: run it again.
        """
        with self._mongo.patiently(timedelta(seconds=50)):
            return await self._mongo.transaction(lambda session: self._settle(session, key, repair))

    def _settle(self, session: Session, key: str, repair: bool) -> NumberDrift | None:
        db, which = self._mongo.in_thread, _scope_of(key)
        audience = db["episode_audiences"].find_one({"_id": key}, session=session) or {}
        counted = db["episode_viewers"].count_documents(which, session=session)
        stored = audience.get("viewers", 0)
        if stored == counted:
            return None
        if repair:
            viewer = db["episode_viewers"].find_one(which, session=session) or audience
            right = {"$set": {"viewers": counted}, "$setOnInsert": {"tenant": viewer["tenant"]}}
            db["episode_audiences"].update_one({"_id": key}, right, upsert=True, session=session)
        return NumberDrift(key, "viewers", stored, counted)


async def _batches(rows: AsyncIterator[Document]) -> AsyncIterator[list[str]]:
    batch: list[str] = []
    async for row in rows:
        batch.append(row["_id"])
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _scope_of(key: str) -> Document:
    kind, _, scope = key.partition(":")
    return {"kind": kind, "scope": int(scope)}


def _counts(keys: Sequence[str]) -> list[Document]:
    return [
        {"$match": {"$or": [_scope_of(key) for key in keys]}},
        {"$group": {"_id": _KEY, "n": {"$sum": 1}}},
    ]
