"""One step of a sync, committed whole: tracks, evidence of their licences, and where the job goes on."""

from datetime import datetime

from app.models.licensing.sync import MOST_FAILURES, SyncJob, SyncStatus, SyncStep
from app.models.licensing.tracks import FailedTrack
from app.repositories.license_evidence import observe, withdraw
from app.repositories.licensed_track_writes import Stored, note_present, note_vanished, store_tracks
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.sync_job_documents import UNTOLD, checkpoint_fields, failure_fields, to_job


class _Superseded(Exception):
    """Somebody else has taken this step, or the job is over."""


class SyncPageRepository:
    """Writes what a step of a job gave.

    A step has a number, and is committed only on top of the one before it: whoever dies before the commit has done
    nothing, and of two who have fetched the same page one is too late.
    """

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def commit(self, job: SyncJob, step: SyncStep, at: datetime) -> SyncJob | None:
        """Write it, and return the job as it stands then; `None` when it is not where `job` says any more.

        Raises:
            TransientFailure: run it again; with `UNKNOWN` it may have been done, and then the answer is `None`.
        """
        try:
            return await self._mongo.transaction(lambda session: self._commit(session, job, step, at))
        except _Superseded:
            return None

    def _commit(self, session: Session, job: SyncJob, step: SyncStep, at: datetime) -> SyncJob:
        db = self._mongo.in_thread
        here = {"_id": job.id, "status": SyncStatus.RUNNING.value, "step": job.step}
        if db["sync_jobs"].find_one(here, {"_id": 1}, session=session) is None:
            raise _Superseded
        stored, vanished = self._write(session, job, step)
        failures = (*step.failed, *stored.refused)
        db["sync_jobs"].update_one(here, _advance(step, stored, vanished, failures, at), session=session)
        found = db["sync_jobs"].find_one({"_id": job.id}, session=session)
        if found is None:
            raise _Superseded
        return to_job(found)

    def _write(self, session: Session, job: SyncJob, step: SyncStep) -> tuple[Stored, int]:
        db, provider = self._mongo.in_thread, job.provider
        if provider is None:
            raise ValueError("A job over all providers has no steps of its own")
        # The clock of another process may be behind the one that has begun the job.
        seen_at = max(step.seen_at, job.started_at or step.seen_at)
        stored = store_tracks(session, db, step.tracks, seen_at, replaces=job.options.update_existing)
        note_present(session, db, provider, step.present, seen_at)
        refused = {one.track_id for one in stored.refused}
        observe(session, db, [track for track in step.tracks if track.id not in refused], step.seen_at)
        if step.gone:
            withdraw(session, db, provider, step.gone, step.seen_at)
        return stored, note_vanished(session, db, provider, step.gone, seen_at)


def _advance(
    step: SyncStep, stored: Stored, vanished: int, failures: tuple[FailedTrack, ...], at: datetime
) -> Document:
    counted = {
        "created": stored.created,
        "updated": stored.updated,
        "unchanged": stored.unchanged,
        "failed": len(failures),
    }
    counted["fetched"] = sum(counted.values())
    state: Document = {"error": None}
    if step.total is not None:
        state["progress.total"] = step.total
    if step.next is None:
        state |= {"status": SyncStatus.COMPLETED.value, "finishedAt": at} | UNTOLD
    else:
        state["checkpoint"] = checkpoint_fields(step.next)
    change: Document = {
        "$set": state,
        "$unset": {"waitingSince": ""} | ({"walks": ""} if step.next is None else {}),
        "$inc": {f"progress.{name}": count for name, count in counted.items()} | {"vanished": vanished, "step": 1},
    }
    if failures:
        kept = {"$each": [failure_fields(failure) for failure in failures], "$slice": MOST_FAILURES}
        change["$push"] = {"failures": kept}
    return change
