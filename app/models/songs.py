"""Songs of the copyright-free catalogue, and the counts that everyone watches."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

SongKey = Hashable
"""A song's key as the database keeps it. Only repositories look inside; everyone else compares and passes it on."""


@dataclass(frozen=True, slots=True)
class SongCounts:
    """A song's counts after one committed change.

    `revision` rises by one with every change of a song's counts, in the same transaction, so two values of one
    song can be ordered whatever way they travelled.
    """

    song_id: str
    slug: str | None
    view_count: int
    like_count: int
    bookmark_count: int
    revision: int


@dataclass(frozen=True, slots=True)
class Song:
    """One entry of the catalogue, as stored."""

    key: SongKey
    id: str
    slug: str | None
    title: str
    artist: str
    artist_id: str | None
    audio_url: str | None
    thumbnail_url: str | None
    duration_ms: int
    counts: SongCounts
    created_at: datetime | None
    updated_at: datetime | None
