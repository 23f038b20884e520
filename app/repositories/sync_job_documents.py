"""How syncs lie in the database."""

from datetime import datetime
from typing import Any

from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import (
    EVERYBODY,
    Checkpoint,
    SyncDraft,
    SyncJob,
    SyncKind,
    SyncOptions,
    SyncPhase,
    SyncProgress,
    SyncStatus,
)
from app.models.licensing.tracks import FailedTrack
from app.repositories.mongo import Document

UNTOLD: Document = {"untold": True}
"""An end of which subscribers are still to be told."""

ACTIVE = [status.value for status in SyncStatus if not status.is_over]

_LONGEST = 512


def job_document(job_id: str, draft: SyncDraft, at: datetime) -> Document:
    """A job that was just ordered. `walks` is there, and unique, while it goes through a whole catalogue."""
    whose = draft.provider.value if draft.provider else EVERYBODY
    is_of_tracks = draft.kind is SyncKind.TRACKS
    progress = SyncProgress(total=len(draft.track_ids) if is_of_tracks else None)
    return {
        "_id": job_id,
        "kind": draft.kind.value,
        "provider": whose,
        **({} if is_of_tracks else {"walks": whose}),
        "status": SyncStatus.QUEUED.value,
        "options": _option_fields(draft.options),
        "trackIds": list(draft.track_ids),
        "children": list(draft.children),
        "progress": progress_fields(progress),
        "vanished": 0,
        "failures": [],
        "checkpoint": checkpoint_fields(Checkpoint(SyncPhase.LOOK_UP if is_of_tracks else SyncPhase.WALK)),
        "step": 0,
        "createdAt": at,
        "startedAt": None,
        "finishedAt": None,
        "error": None,
    }


def to_job(stored: Document) -> SyncJob:
    """Read a job."""
    return SyncJob(
        id=stored["_id"],
        kind=SyncKind(stored["kind"]),
        provider=None if stored["provider"] == EVERYBODY else ProviderName(stored["provider"]),
        status=SyncStatus(stored["status"]),
        options=_to_options(stored["options"]),
        created_at=stored["createdAt"],
        track_ids=tuple(stored["trackIds"]),
        children=tuple(stored["children"]),
        progress=SyncProgress(**stored["progress"]),
        vanished=stored["vanished"],
        failures=tuple(_to_failure(one) for one in stored["failures"]),
        started_at=stored["startedAt"],
        finished_at=stored["finishedAt"],
        error=stored["error"],
        waiting_since=stored.get("waitingSince"),
        checkpoint=_to_checkpoint(stored["checkpoint"]),
        step=stored["step"],
    )


def progress_fields(progress: SyncProgress) -> Document:
    """The counts of a job."""
    return {
        "fetched": progress.fetched,
        "created": progress.created,
        "updated": progress.updated,
        "unchanged": progress.unchanged,
        "failed": progress.failed,
        "total": progress.total,
    }


def checkpoint_fields(checkpoint: Checkpoint) -> Document:
    """Where a job goes on."""
    return {"phase": checkpoint.phase.value, "cursor": checkpoint.cursor, "isBlind": checkpoint.is_blind}


def failure_fields(failure: FailedTrack) -> Document:
    """A track that could not be read, in words of bounded length."""
    return {
        "trackId": failure.track_id,
        "query": failure.query[:_LONGEST],
        "error": failure.error[:_LONGEST],
    }


def _option_fields(options: SyncOptions) -> Document:
    return {
        "maxTracks": options.max_tracks,
        "genres": list(options.genres),
        "updateExisting": options.update_existing,
    }


def _to_options(stored: Document) -> SyncOptions:
    return SyncOptions(stored["maxTracks"], tuple(stored["genres"]), stored["updateExisting"])


def _to_checkpoint(stored: Document) -> Checkpoint:
    return Checkpoint(SyncPhase(stored["phase"]), stored["cursor"], stored["isBlind"])


def _to_failure(stored: dict[str, Any]) -> FailedTrack:
    return FailedTrack(stored["trackId"], stored["query"], stored["error"])
