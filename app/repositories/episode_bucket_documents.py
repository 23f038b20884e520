"""Buckets as they lie in `episode_buckets`."""

from datetime import date, datetime

from app.models.episodes.curves import POINTS, Curve
from app.models.episodes.metrics import DayWatched, Scope, ScopeKind, Watched
from app.models.episodes.rollups import Bucket
from app.repositories.mongo import Document


def bucket_id(kind: ScopeKind, scope_id: int, day: str) -> str:
    """The key of a bucket."""
    return f"{kind.value}:{scope_id}:{day}"


def bucket_document(bucket: Bucket, as_of: object, at: datetime) -> Document:
    """The whole document; `as_of` is the moment that was counted, `computed_at` our clock's word for it."""
    scope, day, totals = bucket.scope, bucket.day.isoformat(), bucket.totals
    document: Document = {
        "_id": bucket_id(scope.kind, scope.id, day),
        "tenant": scope.tenant,
        "kind": scope.kind.value,
        "scope": scope.id,
        "show": scope.show,
        "season": scope.season,
        "day": day,
        "view_count": totals.watched.view_count,
        "unique_viewers": totals.unique_viewers,
        "total_seconds": totals.watched.total_seconds,
        "unique_seconds": totals.watched.unique_seconds,
        "completed": totals.watched.completed,
        "as_of": as_of,
        "computed_at": at,
    }
    if bucket.curve is not None:
        document |= {"reach": bucket.curve.reach, "heat": bucket.curve.heat}
    return document


def to_totals(stored: Document) -> DayWatched:
    """The numbers of a stored bucket, or of a sum of some (which has no viewers)."""
    watched = Watched(stored["view_count"], stored["total_seconds"], stored["unique_seconds"], stored["completed"])
    return DayWatched(watched, stored.get("unique_viewers", 0))


def to_curve(stored: Document) -> Curve:
    """The curve of a stored bucket of an episode."""
    return Curve(stored.get("reach") or [0] * POINTS, stored.get("heat") or [0.0] * POINTS)


def to_bucket(stored: Document) -> Bucket:
    """A stored bucket."""
    scope = Scope(ScopeKind(stored["kind"]), stored["scope"], stored["tenant"], stored["show"], stored["season"])
    curve = to_curve(stored) if scope.kind is ScopeKind.EPISODE else None
    return Bucket(scope, date.fromisoformat(stored["day"]), to_totals(stored), curve)
