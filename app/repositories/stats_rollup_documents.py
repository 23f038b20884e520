"""How tallies lie in the rollup collections: the seed's fields, and the sums that they are quotients of."""

from collections.abc import Mapping

from bson import Binary

from app.models.stats.buckets import Bucket, Split
from app.models.stats.listeners import Listeners
from app.models.stats.periods import Granularity, Period
from app.models.stats.tallies import EVENTS, Tally
from app.repositories.mongo import Document

COLLECTIONS: Mapping[Granularity, str] = {
    Granularity.DAY: "daily_stats",
    Granularity.WEEK: "weekly_stats",
    Granularity.MONTH: "monthly_stats",
    Granularity.YEAR: "yearly_stats",
}
PERIOD_FIELDS: Mapping[Granularity, str] = {
    Granularity.DAY: "date",
    Granularity.WEEK: "weekStart",
    Granularity.MONTH: "monthStart",
    Granularity.YEAR: "year",
}

SUM_FIELDS: Mapping[str, str] = {
    "plays": "totalPlays",
    "likes": "totalLikes",
    "unlikes": "totalUnlikes",
    "saves": "totalSaves",
    "unsaves": "totalUnsaves",
    "shares": "totalShares",
    "downloads": "totalDownloads",
    "duration_sum": "durationSum",
    "duration_count": "durationCount",
    "completion_sum": "completionSum",
    "completion_count": "completionCount",
    "skipped": "skippedPlays",
    "replayed": "replayedPlays",
}
"""The field of each sum of a tally."""

EVENT_FIELDS = tuple(field for name, field in SUM_FIELDS.items() if name in EVENTS)
"""Those that together are how many events there are."""

BREAKDOWN_FIELDS: Mapping[str, str] = {
    "sources": "sourceBreakdown",
    "platforms": "platformBreakdown",
    "countries": "countryBreakdown",
}


def period_key(period: Period) -> object:
    """The value of the period's field: a date, or for a year its number."""
    return period.start.year if period.granularity is Granularity.YEAR else period.start


def tally_fields(tally: Tally) -> Document:
    """The sums of a tally, as stored."""
    stored: Document = {field: getattr(tally, name) for name, field in SUM_FIELDS.items()}
    return stored | {field: dict(getattr(tally, name)) for name, field in BREAKDOWN_FIELDS.items()}


def to_tally(stored: Document) -> Tally:
    """A tally out of its stored sums; what is missing is zero."""
    fields: Document = {name: stored.get(field) or 0 for name, field in SUM_FIELDS.items()}
    fields |= {name: dict(stored.get(field) or {}) for name, field in BREAKDOWN_FIELDS.items()}
    return Tally(**fields)


def split_fields(split: Split) -> Document:
    """A split as a sub-document; what is zero or empty is left out."""
    parts = {"counted": split.counted, "bots": split.bots, "own": split.own}
    return {name: _some(tally_fields(tally)) for name, tally in parts.items() if tally.events}


def to_split(stored: Document) -> Split:
    """A split out of its sub-document."""
    return Split(*(to_tally(stored.get(name) or {}) for name in ("counted", "bots", "own")))


def bucket_fields(bucket: Bucket) -> Document:
    """Everything of a bucket but its key and its times."""
    counted = bucket.split.counted
    stored = tally_fields(counted) | {
        "uniquePlays": bucket.unique_plays,
        "uniquePlaysIsEstimate": bucket.is_estimate,
        "avgDuration": counted.avg_duration,
        "avgCompletionRate": counted.avg_completion_rate,
        "skipRate": counted.skip_rate,
        "replayRate": counted.replay_rate,
        "listeners": Binary(bucket.listeners.to_bytes()),
    }
    if bucket.split.bots.events:
        stored["bots"] = tally_fields(bucket.split.bots) | {"listeners": Binary(bucket.bot_listeners.to_bytes())}
    if bucket.split.own.events:
        stored["own"] = tally_fields(bucket.split.own)
    if bucket.archived is not None:
        stored["archived"] = split_fields(bucket.archived)
    if bucket.hours is not None:
        stored["hours"] = {str(hour): split_fields(split) for hour, split in bucket.hours.items()}
    return stored


def to_bucket(stored: Document, period: Period) -> Bucket:
    """A bucket as it was stored."""
    bots, own = stored.get("bots") or {}, stored.get("own") or {}
    return Bucket(
        track_id=stored.get("trackId", ""),
        period=period,
        split=Split(to_tally(stored), to_tally(bots), to_tally(own)),
        unique_plays=stored.get("uniquePlays") or 0,
        is_estimate=bool(stored.get("uniquePlaysIsEstimate")),
        listeners=_sketch(stored),
        bot_listeners=_sketch(bots),
        archived=to_split(stored["archived"]) if stored.get("archived") is not None else None,
        hours=to_hours(stored),
    )


def to_hours(stored: Document) -> dict[int, Split] | None:
    """The hours of a daily bucket; none when rows of it have left the database, since nobody knows of which hours."""
    if stored.get("hours") is None or stored.get("archived") is not None:
        return None
    return {int(hour): to_split(split) for hour, split in stored["hours"].items()}


def _some(fields: Document) -> Document:
    return {name: value for name, value in fields.items() if value}


def _sketch(stored: Document) -> Listeners:
    sketch = stored.get("listeners")
    return Listeners.merged([bytes(sketch)] if sketch else [])
