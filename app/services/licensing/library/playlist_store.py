"""What the service of playlists needs of where they are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.models.licensing.playlists import (
    FilledPlaylist,
    MusicPlaylist,
    MusicPlaylistChanges,
    MusicPlaylistDraft,
    OrderedPlaylist,
    PlaylistEntryDraft,
)
from app.models.pages import Page


class MusicPlaylists(Protocol):
    """Where playlists are kept. A change gives `None` when the user has no such playlist, or it cannot be made."""

    def new_id(self) -> str:
        """An id that nobody has."""
        ...

    async def add(self, draft: MusicPlaylistDraft, at: datetime) -> MusicPlaylist:
        """Add an empty playlist."""
        ...

    async def head(self, playlist_id: str) -> MusicPlaylist:
        """A playlist without its tracks, or `NotFound`."""
        ...

    async def get(self, playlist_id: str) -> FilledPlaylist:
        """A playlist, or `NotFound`."""
        ...

    async def ordered(self, playlist_id: str) -> OrderedPlaylist:
        """A playlist with the ids of its entries, or `NotFound`."""
        ...

    async def page(self, owner_id: str, cursor: str | None, limit: int) -> Page[MusicPlaylist]:
        """One page of a user's playlists."""
        ...

    async def change(
        self, owner_id: str, playlist_id: str, changes: MusicPlaylistChanges, at: datetime
    ) -> OrderedPlaylist | None:
        """Set fields; `None` also in another version than the wanted one."""
        ...

    async def add_entry(
        self, owner_id: str, playlist_id: str, draft: PlaylistEntryDraft, at: datetime
    ) -> OrderedPlaylist | None:
        """Add a track; `None` also when the track is there, or there is no room."""
        ...

    async def remove_entry(
        self, owner_id: str, playlist_id: str, entry_id: str, at: datetime
    ) -> OrderedPlaylist | None:
        """Remove a track; `None` also when there is no such entry."""
        ...

    async def reorder(
        self, owner_id: str, playlist_id: str, version: int, order: Sequence[str], at: datetime
    ) -> OrderedPlaylist | None:
        """Put all tracks into an order; `None` also in another version."""
        ...

    async def remove(self, owner_id: str, playlist_id: str, at: datetime) -> bool:
        """Remove a playlist, or `TransientFailure`; whether it was there."""
        ...
