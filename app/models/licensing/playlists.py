"""Playlists of licensed tracks: the playlists of the statistics wing, with a list of tracks in an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.models.licensing.favorites import TrackRef
from app.models.licensing.tracks import ProviderTrack

MOST_TRACKS = 1_000
"""What one playlist may hold."""


@dataclass(frozen=True, slots=True)
class PlaylistEntryDraft:
    """A track that is to be added.

    `position` counts from 0; `None`, or one behind the end, is the end. `track` is the track as it is now, `None`
    when its provider allows nothing of it to be stored.
    """

    id: str
    ref: TrackRef
    note: str | None
    position: int | None
    track: ProviderTrack | None


@dataclass(frozen=True, slots=True)
class PlaylistEntry:
    """A track in a playlist, as it was when it was added; a newer state of it is in the catalogue, if anywhere."""

    id: str
    ref: TrackRef
    note: str | None
    added_at: datetime
    track: ProviderTrack | None


@dataclass(frozen=True, slots=True)
class MusicPlaylist:
    """A playlist, and how many tracks it holds. Every change raises `version` by one; it begins at 1.

    `created_at` and `updated_at` are `None` when another program has made the playlist without them.
    """

    id: str
    owner_id: str
    title: str
    description: str | None
    is_public: bool
    version: int
    track_count: int
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class FilledPlaylist:
    """A playlist with its tracks, in their order."""

    playlist: MusicPlaylist
    entries: Sequence[PlaylistEntry]


@dataclass(frozen=True, slots=True)
class OrderedPlaylist:
    """A playlist with the ids of its entries, in their order."""

    playlist: MusicPlaylist
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryAdded:
    """A track that was added, where it stands (from 0), and the playlist's new version."""

    entry: PlaylistEntry
    position: int
    version: int


@dataclass(frozen=True, slots=True)
class MusicPlaylistDraft:
    """A playlist that is to be added."""

    owner_id: str
    title: str
    description: str | None
    is_public: bool


@dataclass(frozen=True, slots=True)
class MusicPlaylistChanges:
    """What is to be changed: `None` leaves a field as it is; an empty description clears it.

    With a `version`, only while that is the current one.
    """

    title: str | None = None
    description: str | None = None
    is_public: bool | None = None
    version: int | None = None
