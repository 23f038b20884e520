"""What is archived of raw events: rows without anything that names a person, and the files that hold them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import NamedTuple

from app.models.jobs import Summary
from app.models.stats.events import EventType


class ArchivedEvent(NamedTuple):
    """One raw event as it is archived: no user, no address and no user agent, so that erasing never rewrites files.

    `id` is the database's id as text. A field that the row lacks, or has in another type, is `None`.
    """

    id: str
    event_id: str | None
    track_id: str | None
    session_id: str | None
    timestamp: datetime
    created_at: datetime | None
    source: str | None
    country: str | None
    excluded_kind: str | None
    excluded_reason: str | None
    playlist_id: str | None
    duration: float | None
    completion_rate: float | None
    skipped: bool | None
    replayed: bool | None
    action: str | None
    platform: str | None


class ColumnType(StrEnum):
    """What a column of an archive holds."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    TIME = "time"


class Column(NamedTuple):
    """A column of an archive: its name there, the field of `ArchivedEvent`, and its type."""

    name: str
    field: str
    type: ColumnType


_EVERY = (
    Column("_id", "id", ColumnType.TEXT),
    Column("eventId", "event_id", ColumnType.TEXT),
    Column("trackId", "track_id", ColumnType.TEXT),
    Column("sessionId", "session_id", ColumnType.TEXT),
    Column("timestamp", "timestamp", ColumnType.TIME),
    Column("createdAt", "created_at", ColumnType.TIME),
    Column("source", "source", ColumnType.TEXT),
    Column("country", "country", ColumnType.TEXT),
    Column("excludedKind", "excluded_kind", ColumnType.TEXT),
    Column("excludedReason", "excluded_reason", ColumnType.TEXT),
)
_PLAYLIST = Column("playlistId", "playlist_id", ColumnType.TEXT)
_ACTION = Column("action", "action", ColumnType.TEXT)
_OWN = {
    EventType.PLAY: (
        _PLAYLIST,
        Column("duration", "duration", ColumnType.NUMBER),
        Column("completionRate", "completion_rate", ColumnType.NUMBER),
        Column("skipped", "skipped", ColumnType.FLAG),
        Column("replayed", "replayed", ColumnType.FLAG),
    ),
    EventType.LIKE: (_ACTION,),
    EventType.SAVE: (_ACTION, _PLAYLIST),
    EventType.SHARE: (Column("platform", "platform", ColumnType.TEXT),),
    EventType.DOWNLOAD: (),
}


def columns_of(kind: EventType) -> tuple[Column, ...]:
    """The columns of one type of event, in their order."""
    return _EVERY + _OWN[kind]


@dataclass(slots=True)
class Contents:
    """Which rows there are, whatever their order: how many, and the sum of the hashes of their ids (modulo 2^128).

    A sum, because rows are read and re-read in pieces; unlike an exclusive or, it sees a row that is there twice.
    """

    rows: int = 0
    hash_sum: int = 0

    def add(self, ids: Iterable[str]) -> None:
        """Take in more rows."""
        for one in ids:
            self.rows += 1
            self.hash_sum += int.from_bytes(blake2b(one.encode(), digest_size=16).digest())
        self.hash_sum %= 1 << 128

    @property
    def checksum(self) -> str:
        """The sum as 32 hex digits."""
        return f"{self.hash_sum:032x}"


class PartState(StrEnum):
    """How far a file of the archive has come. Only rows in a `VERIFIED` one are removed from the database."""

    BEGUN = "begun"
    WRITTEN = "written"
    VERIFIED = "verified"
    REMOVED = "removed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive: `number` of the events of one type and day; `path` is relative to the archive.

    A number is given once, so no two attempts ever write to one path. `rows` and `checksum` are those of `Contents`.
    """

    kind: EventType
    day: datetime
    number: int
    path: str
    state: PartState
    rows: int = 0
    checksum: str = ""

    def holds(self, contents: Contents) -> bool:
        """Whether these are the rows that the part was written with."""
        return (self.rows, self.checksum) == (contents.rows, contents.checksum)


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of rows that are in a verified part: `removed` now, or `held_back` until their day is rolled up."""

    removed: int
    held_back: int


@dataclass(slots=True)
class ArchiveReport:
    """What a run did: files that were verified, their rows and bytes, and rows that left the database.

    `held_back` are rows that stay until their day is rolled up, `postponed` days that are not begun for that reason.
    `faults` has a sentence for each file that does not hold what it should.
    """

    parts: int = 0
    rows: int = 0
    bytes: int = 0
    removed: int = 0
    held_back: int = 0
    postponed: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def summary(self) -> Summary:
        """In numbers."""
        return {
            "parts": self.parts,
            "rows": self.rows,
            "bytes": self.bytes,
            "removed": self.removed,
            "heldBack": self.held_back,
            "postponed": self.postponed,
            "faults": len(self.faults),
        }
