"""The collection `sync_jobs`: syncs that were ordered, and how far each has come."""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app.errors import NotFound
from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import EVERYBODY, SyncDraft, SyncFilter, SyncJob, SyncStatus
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, driver_errors
from app.repositories.sync_job_documents import ACTIVE, UNTOLD, failure_fields, job_document, progress_fields, to_job

_ORDER = "createdAt"
_MOST_AT_ONCE = 200


class SyncJobRepository:
    """Keeps what every process may go on with."""

    def __init__(self, mongo: Mongo) -> None:
        self._jobs = mongo.db["sync_jobs"]

    async def add(self, draft: SyncDraft, at: datetime) -> SyncJob | None:
        """A new job; `None` when another one goes through the same catalogue already.

        Raises:
            Unavailable: the database is away.
        """
        document = job_document(uuid4().hex, draft, at)
        with driver_errors():
            try:
                await self._jobs.insert_one(document)
            except DuplicateKeyError:
                return None
        return to_job(document)

    async def get(self, job_id: str) -> SyncJob:
        """The job of this id.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        for job in await self.many([job_id]):
            return job
        raise NotFound("Sync job not found")

    async def many(self, job_ids: Collection[str]) -> list[SyncJob]:
        """Those of these ids that there are.

        Raises:
            Unavailable: the database is away.
        """
        return await self._found({"_id": {"$in": list(job_ids)}}, len(job_ids))

    async def page(self, wanted: SyncFilter) -> Page[SyncJob]:
        """One page of jobs, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        which: Document = {} if wanted.provider is None else {"provider": wanted.provider}
        which |= {} if wanted.status is None else {"status": wanted.status.value}
        which |= rows_after(_ORDER, wanted.cursor) if wanted.cursor else {}
        newest_first = [(_ORDER, -1), ("_id", -1)]
        with driver_errors():
            rows = await self._jobs.find(which).sort(newest_first).limit(wanted.limit + 1).to_list(None)
        return to_page(rows, wanted.limit, _ORDER, to_job)

    async def walking(self, provider: ProviderName | None) -> SyncJob | None:
        """The job that goes through the provider's whole catalogue at present, or, for `None`, through all.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._jobs.find_one({"walks": provider.value if provider else EVERYBODY})
        return None if found is None else to_job(found)

    async def unfinished(self) -> list[SyncJob]:
        """Jobs that are not over, the oldest 200 of them first.

        Raises:
            Unavailable: the database is away.
        """
        return await self._found({"status": {"$in": ACTIVE}}, _MOST_AT_ONCE)

    async def begin(self, job_id: str, at: datetime) -> SyncJob:
        """It is worked on from now on, unless it is over or was begun before; how it stands then.

        Raises:
            NotFound: there is none of this id.
            Unavailable: the database is away.
        """
        running = {"status": SyncStatus.RUNNING.value, "startedAt": at}
        with driver_errors():
            await self._jobs.update_one({"_id": job_id, "status": SyncStatus.QUEUED.value}, {"$set": running})
        return await self.get(job_id)

    async def wait(self, job_id: str, since: datetime | None, error: str) -> None:
        """It waits for what `error` says; if something has failed, since then.

        Raises:
            Unavailable: the database is away.
        """
        waits: Document = {"error": error} | ({"waitingSince": since} if since else {})
        with driver_errors():
            await self._jobs.update_one({"_id": job_id, "status": {"$in": ACTIVE}}, {"$set": waits})

    async def end(self, job_id: str, status: SyncStatus, error: str | None, at: datetime) -> bool:
        """It is over; false when it was before.

        Raises:
            Unavailable: the database is away.
        """
        ended: Document = {"status": status.value, "error": error, "finishedAt": at}
        if status is not SyncStatus.CANCELLED:
            ended |= UNTOLD
        return await self._end(job_id, ended)

    async def settle(self, summed: SyncJob) -> bool:
        """A job over all is over, with the sum of what its children did; false when it was before.

        Raises:
            Unavailable: the database is away.
        """
        ended = {
            "status": summed.status.value,
            "error": summed.error,
            "startedAt": summed.started_at,
            "finishedAt": summed.finished_at,
            "progress": progress_fields(summed.progress),
            "vanished": summed.vanished,
            "failures": [failure_fields(failure) for failure in summed.failures],
        }
        return await self._end(summed.id, ended)

    async def untold(self) -> list[SyncJob]:
        """Jobs that have completed or failed and of which nobody was told, the oldest 200 of them.

        Raises:
            Unavailable: the database is away.
        """
        return await self._found(UNTOLD, _MOST_AT_ONCE)

    async def told(self, job_id: str) -> None:
        """Everybody was told of this one.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            await self._jobs.update_one({"_id": job_id}, {"$unset": {"untold": ""}})

    async def _end(self, job_id: str, ended: Document) -> bool:
        change = {"$set": ended, "$unset": {"walks": "", "waitingSince": ""}}
        with driver_errors():
            found = await self._jobs.find_one_and_update(
                {"_id": job_id, "status": {"$in": ACTIVE}}, change, return_document=ReturnDocument.AFTER
            )
        return found is not None

    async def _found(self, which: Document, most: int) -> list[SyncJob]:
        with driver_errors():
            # A limit of nothing would be none.
            rows = await self._jobs.find(which).sort(_ORDER, 1).limit(max(1, most)).to_list(None)
        return [to_job(row) for row in rows]
