"""What this wing needs from outside, in its own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.models.catalogue import SongChanges, SongDraft, SongFilter
from app.models.pages import Page
from app.models.reactions import ReactionChange, ReactionRecorded
from app.models.songs import Song, SongCounts, SongKey
from app.models.views import View, ViewAnalytics, ViewRecorded, ViewReport


class CountsPublisher(Protocol):
    """Tells everyone who watches a song about its new counts."""

    def publish(self, counts: SongCounts) -> None:
        """Pass committed counts on; never blocks and never raises."""
        ...


class Songs(Protocol):
    """The catalogue."""

    async def get(self, reference: str) -> Song:
        """The song of this id or slug, or `NotFound`."""
        ...

    async def page(self, wanted: SongFilter) -> Page[Song]:
        """One page of songs."""
        ...

    async def add(self, draft: SongDraft, at: datetime) -> Song:
        """Add a song."""
        ...

    async def change(self, reference: str, changes: SongChanges, at: datetime) -> Song:
        """Set or clear fields of a song."""
        ...


class SongRemovals(Protocol):
    """Takes songs away with all their rows."""

    async def begin(self, song_key: SongKey, at: datetime) -> bool:
        """Remove the song itself."""
        ...

    async def finish(self, song_key: SongKey) -> None:
        """Remove its rows."""
        ...

    async def pending(self) -> list[SongKey]:
        """Songs whose rows are still there."""
        ...


class Views(Protocol):
    """One row per user and song."""

    async def record(self, reports: Sequence[ViewReport]) -> list[ViewRecorded | None]:
        """Write reports and counts in one transaction; `None` where the song is gone."""
        ...

    async def has_viewed(self, user_id: str, song_key: SongKey) -> bool:
        """Whether this user's view was counted."""
        ...

    async def history(self, user_id: str, cursor: str | None, limit: int) -> Page[View]:
        """A user's own views."""
        ...


class Reactions(Protocol):
    """One kind of reaction: likes, or bookmarks."""

    async def record(self, changes: Sequence[ReactionChange], at: datetime) -> list[ReactionRecorded | None]:
        """Make the wishes true in one transaction; `None` where the song is gone."""
        ...

    async def stands(self, user_id: str, song_key: SongKey) -> bool:
        """Whether the user's reaction stands."""
        ...


class Analytics(Protocol):
    """Sums over a song's views."""

    async def of_song(self, song_key: SongKey) -> ViewAnalytics:
        """The audience of one song."""
        ...
