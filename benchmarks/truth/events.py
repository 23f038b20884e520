"""One event of known meaning, and how it looks when it is sent."""

from datetime import timedelta
from enum import IntEnum
from typing import NamedTuple

from benchmarks.truth.moving_clock import EPOCH
from benchmarks.truth.world import track_id

Wire = dict[str, object]

KINDS = ("play", "like", "save", "share", "download")
SOURCES = ("landing", "playlist", "search", "direct", "share", "player")
PLATFORMS = ("twitter", "facebook", "instagram", "whatsapp", "copy_link", "embed")

SKIPPED_BELOW_SECONDS = 20

AHEAD_MS = 270_000
"""How far a wrong clock is ahead: 4.5 of the 5 minutes that are forgiven."""


class Form(IntEnum):
    """How an event says when it happened and who it is."""

    ISO = 0
    EPOCH = 1
    UNDATED = 2
    AHEAD = 3
    NAMELESS = 4


class Event(NamedTuple):
    """What happened; `at` in ms since 1970, `duration` in s. Sums of durations are exact: all are quarters."""

    number: int
    kind: str
    track: int
    session: int
    at: int
    sender: int
    form: Form
    source: str | None = None
    duration: float | None = None
    completion: float | None = None
    skipped: bool | None = None
    replayed: bool = False
    playlist: int | None = None
    action: str | None = None
    platform: str | None = None

    @property
    def counted_source(self) -> str:
        """`direct` when nothing is said."""
        return self.source or "direct"

    @property
    def was_skipped(self) -> bool:
        """What the client says, else whether it was heard for less than 20 s."""
        if self.skipped is not None:
            return self.skipped
        return self.duration is not None and self.duration < SKIPPED_BELOW_SECONDS


def session_id(session: int) -> str:
    """As it is on the wire."""
    return f"s-{session:07x}"


def to_wire(event: Event) -> Wire:
    """The JSON object of the event; the same each time, as a client that sends again sends the same."""
    wire: Wire = {"type": event.kind, "trackId": track_id(event.track), "sessionId": session_id(event.session)}
    if event.form is not Form.NAMELESS:
        wire["eventId"] = f"e-{event.number:07x}"
    if event.form is not Form.UNDATED:
        wire["timestamp"] = _timestamp(event)
    for name, value in _details(event):
        if value is not None:
            wire[name] = value
    return wire


def _timestamp(event: Event) -> object:
    if event.form is Form.EPOCH:
        return event.at
    at = event.at + (AHEAD_MS if event.form is Form.AHEAD else 0)
    return (EPOCH + timedelta(milliseconds=at)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _details(event: Event) -> tuple[tuple[str, object], ...]:
    return (
        ("source", event.source),
        ("duration", event.duration),
        ("completionRate", event.completion),
        ("skipped", event.skipped),
        ("replayed", event.replayed or None),
        ("playlistId", None if event.playlist is None else f"playlist-{event.playlist}"),
        ("action", event.action),
        ("platform", event.platform),
    )
