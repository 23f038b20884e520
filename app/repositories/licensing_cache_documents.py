"""How documents of the licensing cache look; whatever looks otherwise counts as nothing."""

from datetime import datetime, timedelta
from typing import Any

from app.models.licensing.cache import KeptBody, SharedFailure, Shelf, Slot
from app.models.licensing.providers import CacheKind, ProviderName
from app.repositories.mongo import Document
from app.repositories.stored_fields import text

SHAPE = 2
"""Raised when answers are stored in another way; those of any other shape are as good as none."""

SILENT = "The provider does not answer"


def to_shelf(stored: Document) -> Shelf:
    """The shelf that a document names."""
    return Shelf(ProviderName(stored["provider"]), CacheKind(stored["kind"]))


def from_kept(kept: KeptBody) -> Document:
    """An answer, with its size to sum up.

    `expiresAt` is when the row may be removed, which whoever fetches a new answer puts off; `usableUntil` is not.
    """
    return {
        "shape": SHAPE,
        "body": kept.body,
        "bytes": len(kept.body or b""),
        "isAbsent": kept.body is None,
        "observedAt": kept.observed_at,
        "freshUntil": kept.fresh_until,
        "usableUntil": kept.expires_at,
        "expiresAt": kept.expires_at,
        "generation": kept.generation,
    }


def from_failure(failure: SharedFailure, by: str) -> Document:
    """A failure of the flight `by`."""
    wait = failure.retry_after
    return {
        "by": by,
        "message": failure.message,
        "isQuota": failure.is_quota,
        "status": failure.status,
        "isOpen": failure.is_open,
        "retryAfterMs": None if wait is None else int(wait.total_seconds() * 1000),
    }


def to_slot(stored: Document | None) -> Slot:
    """What lies in a place of the store."""
    if stored is None:
        return Slot()
    failed = stored.get("failed")
    return Slot(
        kept=_to_kept(stored),
        claimed_by=stored.get("claimedBy"),
        failed_by=failed.get("by") if isinstance(failed, dict) else None,
        failure=_to_failure(failed) if isinstance(failed, dict) else None,
    )


def _to_kept(stored: Document) -> KeptBody | None:
    if stored.get("shape") != SHAPE:
        return None
    body, is_absent = stored.get("body"), stored.get("isAbsent") is True
    moments = [stored.get(name) for name in ("observedAt", "freshUntil", "usableUntil")]
    observed_at, fresh_until, expires_at = (moment if isinstance(moment, datetime) else None for moment in moments)
    generation = stored.get("generation")
    if observed_at is None or fresh_until is None or expires_at is None or not isinstance(generation, int):
        return None
    if not is_absent and not isinstance(body, bytes):
        return None
    return KeptBody(None if is_absent else body, observed_at, fresh_until, expires_at, generation)


def _to_failure(stored: dict[str, Any]) -> SharedFailure:
    wait = stored.get("retryAfterMs")
    return SharedFailure(
        message=text(stored.get("message")) or SILENT,
        is_quota=stored.get("isQuota") is True,
        status=stored.get("status"),
        is_open=stored.get("isOpen") is True,
        retry_after=timedelta(milliseconds=wait) if isinstance(wait, int) else None,
    )
