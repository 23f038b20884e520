"""How the catalogue is written and browsed."""

from dataclasses import dataclass
from enum import StrEnum


class SongSort(StrEnum):
    """The orders that a list can have, each the highest or newest first."""

    RECENT = "recent"
    VIEWS = "views"
    LIKES = "likes"


@dataclass(frozen=True, slots=True)
class SongFilter:
    """Which songs are asked for; `query` are words of title or artist, `artist` the whole name in any case."""

    query: str | None
    artist: str | None
    sort: SongSort
    limit: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class SongDraft:
    """A song that is to be added."""

    title: str
    artist: str
    audio_url: str
    duration_ms: int
    slug: str | None = None
    artist_id: str | None = None
    thumbnail_url: str | None = None


@dataclass(frozen=True, slots=True)
class SongChanges:
    """What an admin changes of a song: wire names of fields to new values, `None` to clear one."""

    fields: dict[str, str | int | None]
