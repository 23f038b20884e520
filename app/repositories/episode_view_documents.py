"""Views of episodes between their rows and their shapes."""

from app.models.episodes.watching import SILENT_AFTER, Report, ViewStart, Watched
from app.repositories.mongo import Document

# What a report is checked against and what it changes, and no more: rows are read by the thousand.
FOLLOWED = dict.fromkeys(
    (
        "tenant",
        "user",
        "playback_token",
        "started_at",
        "last_heartbeat_at",
        "last_report_at",
        "last_report",
        "duration_seconds",
        "total_seconds",
        "unique_seconds",
        "completed_at",
        "covered",
        "heat",
        "is_open",
        "dirty",
    ),
    1,
)


def new_view(start: ViewStart) -> Document:
    """The row of a view that begins."""
    place, origin = start.place, start.origin
    return {
        "_id": start.view_id,
        "tenant": place.tenant,
        "show": place.show,
        "season": place.season,
        "episode": place.episode,
        "user": start.claim.user_id,
        "session_id": "",
        "device_id": origin.device_id,
        "source_provider": "youtube",
        "playback_token": start.claim.key,
        "started_at": start.at,
        "day": start.at.date().isoformat(),
        "client_started_at": start.client_started_at,
        "last_heartbeat_at": None,
        "seen_at": start.at,
        "is_open": True,
        "look_at": start.at + SILENT_AFTER,
        "total_seconds": 0.0,
        "completed": False,
        "completed_at": None,
        "duration_seconds": place.duration_seconds,
        "covered": [],
        "heat": {},
        "unique_seconds": 0.0,
        "ip": origin.ip,
        "user_agent": origin.user_agent,
        "last_report_at": start.at,
        "last_report": "",
        "dirty": True,
        "revision": 1,
    }


def to_watched(row: Document) -> Watched:
    """What is known of a view."""
    return Watched(
        started_at=row["started_at"],
        last_heartbeat_at=row["last_heartbeat_at"],
        last_report_at=row["last_report_at"],
        duration_seconds=row["duration_seconds"],
        total_seconds=row["total_seconds"],
        unique_seconds=row["unique_seconds"],
        completed_at=row["completed_at"],
        covered=tuple((first, last) for first, last in row["covered"]),
        heat={int(point): seconds for point, seconds in row["heat"].items()},
    )


def changed_view(row: Document, before: Watched, after: Watched, last: Report) -> Document:
    """The update that makes one of the other: only what has changed, for each field costs the server time.

    Whether the row is open and dirty already was read in the same transaction. Who closes or cleans it meanwhile
    meets this one's write, and one of both is made again.
    """
    fields: Document = {
        "last_report_at": after.last_report_at,
        "last_report": last.key,
        "total_seconds": after.total_seconds,
        "unique_seconds": after.unique_seconds,
    }
    seen_at = after.last_heartbeat_at
    if seen_at is not None and seen_at != before.last_heartbeat_at:
        fields |= {"last_heartbeat_at": seen_at, "seen_at": seen_at}
        fields |= {} if row.get("is_open") else {"is_open": True, "look_at": seen_at + SILENT_AFTER}
    if not row.get("dirty"):
        fields["dirty"] = True
    if after.completed_at != before.completed_at:
        fields |= {"completed": True, "completed_at": after.completed_at}
    if after.covered != before.covered:
        fields["covered"] = [list(stretch) for stretch in after.covered]
    fields |= {f"heat.{at}": heat for at, heat in after.heat.items() if before.heat.get(at) != heat}
    return {"$set": fields, "$inc": {"revision": 1}}
