"""Rows that are work to be done: each is taken by one worker at a time, and by the next when that one is gone.

A row has `state`, `dueAt` (when it may be taken), `claim` (who took it last) and `attempts`. Whoever takes it moves
`dueAt` to the end of its lease, so that a row whose worker was killed comes back by itself.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from pymongo import ReturnDocument

from app.repositories.mongo import Collection, Document, driver_errors

WAITING = "queued"


class LeasedRows:
    """The rows of a collection that are `queued`; needs an index on `dueAt` over these."""

    def __init__(self, collection: Collection) -> None:
        self._rows = collection

    async def take(self, at: datetime, lifetime: timedelta, among: Document | None = None) -> Document | None:
        """Take the row that has been due longest, `among` those of a filter; `None` when none is due.

        Raises:
            Unavailable: the database is away.
        """
        due: Document = {"state": WAITING, "dueAt": {"$lte": at}}
        taken = {"$set": {"dueAt": at + lifetime, "claim": uuid4().hex}, "$inc": {"attempts": 1}}
        with driver_errors():
            row: Document | None = await self._rows.find_one_and_update(
                due | (among or {}), taken, sort=[("dueAt", 1)], return_document=ReturnDocument.AFTER
            )
        return row

    async def count_due(self, at: datetime) -> int:
        """How many may be taken.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            return await self._rows.count_documents({"state": WAITING, "dueAt": {"$lte": at}})

    async def settle(self, row_id: str, claim: str, changes: Document) -> bool:
        """Write what came of it; false when the row is not ours any more, because we took too long or it was ended.

        Raises:
            Unavailable: the database is away.
        """
        ours = {"_id": row_id, "state": WAITING, "claim": claim}
        with driver_errors():
            done = await self._rows.update_one(ours, {"$set": changes})
        return bool(done.matched_count)
