"""The collection `job_runs`: which run was taken, by whom, and how it ended."""

from datetime import datetime

from pymongo.errors import PyMongoError

from app.models.jobs import JobRun, Outcome, Summary
from app.repositories.mongo import Document, Mongo, driver_errors, is_duplicate_key


class JobRunRepository:
    """A unique index on job and slot gives each run to exactly one of all processes."""

    def __init__(self, mongo: Mongo) -> None:
        self._runs = mongo.db["job_runs"]

    async def take(self, job: str, slot: str, at: datetime) -> bool:
        """Take the run of this slot; false when another process has it.

        Raises:
            Unavailable: the database is away.
        """
        run = {"job": job, "slot": slot, "startedAt": at, "finishedAt": None, "outcome": Outcome.RUNNING.value}
        try:
            with driver_errors():
                await self._runs.insert_one(run)
        except PyMongoError as error:
            if is_duplicate_key(error):
                return False
            raise
        return True

    async def finish(
        self, job: str, slot: str, at: datetime, outcome: Outcome, summary: Summary, error: str | None
    ) -> None:
        """Note how the run ended.

        Raises:
            Unavailable: the database is away.
        """
        ended = {"finishedAt": at, "outcome": outcome.value, "summary": dict(summary), "error": error}
        with driver_errors():
            await self._runs.update_one({"job": job, "slot": slot}, {"$set": ended})

    async def latest(self, job: str, limit: int) -> list[JobRun]:
        """The last runs of a job, the latest first.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            rows = await self._runs.find({"job": job}).sort("startedAt", -1).limit(limit).to_list(None)
        return [_to_run(row) for row in rows]


def _to_run(row: Document) -> JobRun:
    return JobRun(
        job=row["job"],
        slot=row["slot"],
        started_at=row["startedAt"],
        finished_at=row["finishedAt"],
        outcome=Outcome(row["outcome"]),
        summary=row.get("summary") or {},
        error=row.get("error"),
    )
