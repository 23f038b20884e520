"""How a raw row looks in the archive, and which row of the database an archived one was."""

from datetime import datetime

from bson import Decimal128, ObjectId, json_util

from app.models.stats.archive import ArchivedEvent
from app.repositories.mongo import Document

# Everything that `to_archived` shows; what names a person does not even leave the database.
SHOWN: Document = dict.fromkeys(
    (
        "eventId",
        "trackId",
        "sessionId",
        "timestamp",
        "createdAt",
        "source",
        "country",
        "excluded.kind",
        "excluded.reason",
        "playlistId",
        "duration",
        "completionRate",
        "skipped",
        "replayed",
        "action",
        "platform",
    ),
    1,
)


def to_archived(row: Document) -> ArchivedEvent:
    """A row as it is archived; what other programs have put there in another type is left out."""
    excluded = row.get("excluded")
    excluded = excluded if isinstance(excluded, dict) else {}
    return ArchivedEvent(
        id=id_text(row["_id"]),
        event_id=_text(row.get("eventId")),
        track_id=_text(row.get("trackId")),
        session_id=_text(row.get("sessionId")),
        timestamp=row["timestamp"],
        created_at=_time(row.get("createdAt")),
        source=_text(row.get("source")),
        country=_text(row.get("country")),
        excluded_kind=_text(excluded.get("kind")),
        excluded_reason=_text(excluded.get("reason")),
        playlist_id=_text(row.get("playlistId")),
        duration=_number(row.get("duration")),
        completion_rate=_number(row.get("completionRate")),
        skipped=_flag(row.get("skipped")),
        replayed=_flag(row.get("replayed")),
        action=_text(row.get("action")),
        platform=_text(row.get("platform")),
    )


def id_text(key: object) -> str:
    """A row's `_id` as text that leads back to it: 24 hex digits, a plain string, or else extended JSON."""
    if isinstance(key, ObjectId):
        return str(key)
    if isinstance(key, str) and not ObjectId.is_valid(key) and not key.startswith(("{", '"')):
        return key
    return json_util.dumps(key, json_options=json_util.CANONICAL_JSON_OPTIONS)


def to_id(text: str) -> object:
    """The `_id` that `id_text` was given."""
    if ObjectId.is_valid(text):
        return ObjectId(text)
    if text.startswith(("{", '"')):
        return json_util.loads(text, json_options=json_util.CANONICAL_JSON_OPTIONS)
    return text


def _text(value: object) -> str | None:
    return str(value) if isinstance(value, str | ObjectId) else None


def _time(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _number(value: object) -> float | None:
    if isinstance(value, Decimal128):
        return float(value.to_decimal())
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
