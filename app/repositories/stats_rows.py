"""How an event lies in its raw collection: the seed's fields, and more. What is not said is left out."""

from app.models.stats.events import Batch, EventType, Exclusion, StatsEvent
from app.repositories.mongo import Document


def to_row(event: StatsEvent, track_id: str, batch: Batch, exclusion: Exclusion | None) -> Document:
    """The row of an event; `track_id` is the track's own id, whatever the client called it."""
    sender = batch.sender
    row: Document = {
        "eventId": event.event_id,
        "trackId": track_id,
        "sessionId": event.session_id,
        "timestamp": event.timestamp,
        "createdAt": batch.arrived_at,
        "userAgent": sender.user_agent,
    }
    if event.type is EventType.PLAY:
        row["skipped"] = event.skipped
        row["replayed"] = event.replayed
    for name, value in (
        ("userId", sender.user_id),
        ("ip", sender.address),
        ("country", sender.country),
        ("source", event.source),
        ("duration", event.duration),
        ("completionRate", event.completion_rate),
        ("playlistId", event.playlist_id),
        ("action", event.action),
        ("platform", event.platform),
    ):
        if value is not None:
            row[name] = value
    if exclusion is not None:
        row["excluded"] = exclusion_fields(exclusion)
    return row


def exclusion_fields(exclusion: Exclusion) -> Document:
    """How a verdict lies in a row."""
    return {"kind": exclusion.kind.value, "reason": exclusion.reason, "ruleVersion": exclusion.rule_version}
