"""Jobs over all providers: what their children did, added up."""

from collections.abc import Sequence
from dataclasses import replace

from app.models.licensing.sync import MOST_FAILURES, SyncJob, SyncProgress, SyncStatus


def summed(parent: SyncJob, children: Sequence[SyncJob]) -> SyncJob:
    """The parent as its children are now; one that is over stays as it was then."""
    if parent.is_over or not children:
        return parent
    status = _status(children)
    began = [child.started_at for child in children if child.started_at]
    ended = [child.finished_at for child in children if child.finished_at]
    errors = [f"{child.provider}: {child.error}" for child in children if child.error]
    return replace(
        parent,
        status=status,
        progress=SyncProgress.sum_of(child.progress for child in children),
        vanished=sum(child.vanished for child in children),
        failures=tuple(one for child in children for one in child.failures)[:MOST_FAILURES],
        started_at=min(began, default=None),
        finished_at=max(ended, default=None) if status.is_over else None,
        error="; ".join(errors) or None,
    )


def _status(children: Sequence[SyncJob]) -> SyncStatus:
    stands = {child.status for child in children}
    if stands == {SyncStatus.QUEUED}:
        return SyncStatus.QUEUED
    if any(not status.is_over for status in stands):
        return SyncStatus.RUNNING
    for worst in (SyncStatus.FAILED, SyncStatus.CANCELLED):
        if worst in stands:
            return worst
    return SyncStatus.COMPLETED
