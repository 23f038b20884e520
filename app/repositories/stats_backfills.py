"""The collection `rollup_backfills`: ranges of days that are to be rolled up, and how far each has come."""

from datetime import datetime
from uuid import uuid4

from app.errors import NotFound
from app.models.stats.backfills import Backfill, BackfillState
from app.models.stats.periods import Interval
from app.repositories.mongo import Document, Mongo, driver_errors

_UNFINISHED = [BackfillState.WAITING.value, BackfillState.RUNNING.value]


class StatsBackfillRepository:
    """Keeps what every process may go on with."""

    def __init__(self, mongo: Mongo) -> None:
        self._backfills = mongo.db["rollup_backfills"]

    async def add(self, interval: Interval, at: datetime, *, extends_coverage: bool = False) -> Backfill:
        """A new one.

        Raises:
            Unavailable: the database is away.
        """
        stored: Document = {
            "_id": uuid4().hex,
            "from": interval.start,
            "to": interval.end,
            "doneFrom": interval.end,
            "state": BackfillState.WAITING.value,
            "extendsCoverage": extends_coverage,
            "createdAt": at,
            "updatedAt": at,
        }
        with driver_errors():
            await self._backfills.insert_one(stored)
        return _to_backfill(stored)

    async def get(self, backfill_id: str) -> Backfill:
        """The one of this id.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        with driver_errors():
            stored = await self._backfills.find_one({"_id": backfill_id})
        if stored is None:
            raise NotFound("There is no such job")
        return _to_backfill(stored)

    async def unfinished(self) -> list[Backfill]:
        """Those that somebody should work on, the oldest first.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            rows = await self._backfills.find({"state": {"$in": _UNFINISHED}}).sort("createdAt", 1).to_list(None)
        return [_to_backfill(row) for row in rows]

    async def reach(self, backfill_id: str, done_from: datetime, at: datetime) -> None:
        """What lies at or after `done_from` is done; two workers that overlap never undo each other's progress.

        Raises:
            Unavailable: the database is away.
        """
        now = {"state": BackfillState.RUNNING.value, "updatedAt": at}
        which = {"_id": backfill_id, "state": {"$in": _UNFINISHED}}
        with driver_errors():
            await self._backfills.update_one(which, {"$min": {"doneFrom": done_from}, "$set": now})

    async def finish(self, backfill_id: str, at: datetime, error: str | None = None) -> None:
        """It is done, or has failed for this reason.

        Raises:
            Unavailable: the database is away.
        """
        state = BackfillState.DONE if error is None else BackfillState.FAILED
        ended = {"state": state.value, "updatedAt": at, "error": error}
        with driver_errors():
            await self._backfills.update_one({"_id": backfill_id}, {"$set": ended})


def _to_backfill(stored: Document) -> Backfill:
    return Backfill(
        id=stored["_id"],
        interval=Interval(stored["from"], stored["to"]),
        done_from=stored["doneFrom"],
        state=BackfillState(stored["state"]),
        extends_coverage=stored["extendsCoverage"],
        created_at=stored["createdAt"],
        updated_at=stored["updatedAt"],
        error=stored.get("error"),
    )
