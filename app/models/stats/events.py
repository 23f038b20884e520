"""Events of the statistics wing: what a player reports, and what is answered to each of them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from secrets import randbits


class EventType(StrEnum):
    """What happened."""

    PLAY = "play"
    LIKE = "like"
    SAVE = "save"
    SHARE = "share"
    DOWNLOAD = "download"


class Source(StrEnum):
    """Where in the product it happened; `DIRECT` when the client does not say."""

    LANDING = "landing"
    PLAYLIST = "playlist"
    SEARCH = "search"
    DIRECT = "direct"
    SHARE = "share"
    PLAYER = "player"


class Platform(StrEnum):
    """Where a track was shared to."""

    TWITTER = "twitter"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    WHATSAPP = "whatsapp"
    COPY_LINK = "copy_link"
    EMBED = "embed"


class Action(StrEnum):
    """What a like or save event says."""

    LIKE = "like"
    UNLIKE = "unlike"
    SAVE = "save"
    UNSAVE = "unsave"


@dataclass(slots=True)
class StatsEvent:
    """One event that is well formed; `index` is its place in the batch.

    `timestamp` is when it happened, never after its arrival; `fingerprint` is 64 bits of a hash over what the client
    sent, so that a repetition can be told from another event under the same id. Durations in seconds, rates 0..100.
    """

    index: int
    event_id: str
    type: EventType
    track_id: str
    session_id: str
    timestamp: datetime
    is_clamped: bool
    fingerprint: int
    source: str | None = None
    duration: float | None = None
    completion_rate: float | None = None
    skipped: bool = False
    replayed: bool = False
    playlist_id: str | None = None
    action: str | None = None
    platform: str | None = None


class ExclusionKind(StrEnum):
    """Why an event is kept, but not counted."""

    BOT = "bot"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A verdict on an event, with its reason and the version of the rules that found it."""

    kind: ExclusionKind
    reason: str
    rule_version: str


OWN_PLAY = Exclusion(ExclusionKind.OWN, "own_play", "1")
"""The verdict on what an artist plays of themselves, who does not want that counted."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a batch, as far as may be stored: `address` is anonymised already, `country` two letters or unknown."""

    user_id: str | None
    address: str | None
    user_agent: str
    country: str | None


class EventStatus(StrEnum):
    """What became of an event."""

    ACCEPTED = "accepted"
    CLAMPED = "clamped"
    BOT = "bot"
    OWN_PLAY = "own_play"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class RejectionCode(StrEnum):
    """Why an event was rejected."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    TOO_OLD = "TOO_OLD"
    TOO_NEW = "TOO_NEW"
    UNKNOWN_TRACK = "UNKNOWN_TRACK"
    CONFLICT = "CONFLICT"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one event; plainly accepted ones have none."""

    index: int
    event_id: str | None
    status: EventStatus
    code: RejectionCode | None = None
    error: str | None = None


def _new_token() -> int:
    """63 random bits, which fit into a BSON integer."""
    return randbits(63)


@dataclass(slots=True)
class Batch:
    """The well-formed events of one request, on their way to the database.

    `verdicts` has the exclusion of events by their index, as far as it is known before the commit. `token` lies in
    the keys of its events: after an unknown outcome the batch meets its own, and must know them.
    """

    events: list[StatsEvent]
    sender: Sender
    arrived_at: datetime
    verdicts: dict[int, Exclusion] = field(default_factory=dict)
    token: int = field(default_factory=_new_token)


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a request did: `accepted + duplicates + rejected` is the number of events in it."""

    accepted: int
    duplicates: int
    rejected: int
    receipts: tuple[Receipt, ...]
