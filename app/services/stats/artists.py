"""Artists: kept by admins."""

from datetime import datetime
from typing import Protocol

from app.clock import Clock
from app.models.pages import Page
from app.models.stats.tracks import Artist, ArtistChanges, ArtistDraft


class Artists(Protocol):
    """Where artists are kept."""

    async def get(self, artist_id: str) -> Artist:
        """The artist of this id, or `NotFound`."""
        ...

    async def page(self, cursor: str | None, limit: int) -> Page[Artist]:
        """Artists, the newest first."""
        ...

    async def add(self, draft: ArtistDraft, at: datetime) -> Artist:
        """Add an artist, or `Conflict`."""
        ...

    async def change(self, artist_id: str, changes: ArtistChanges, at: datetime) -> Artist:
        """Change an artist, or `NotFound`."""
        ...


class OwnPlays(Protocol):
    """Tells an artist's own plays of their tracks from those of others."""

    async def rejudge(self, artist_id: str) -> object:
        """See to it that the plays which are stored already are judged by what is said of the artist now."""
        ...


class ArtistService:
    """Lists, shows and changes artists."""

    def __init__(self, artists: Artists, own_plays: OwnPlays, clock: Clock) -> None:
        self._artists = artists
        self._own_plays = own_plays
        self._clock = clock

    async def get(self, artist_id: str) -> Artist:
        """The artist of this id.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        return await self._artists.get(artist_id)

    async def page(self, cursor: str | None, limit: int) -> Page[Artist]:
        """Artists, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._artists.page(cursor, limit)

    async def add(self, draft: ArtistDraft) -> Artist:
        """Add an artist.

        Raises:
            Conflict: the id or the user belongs to another artist.
            Unavailable: the database is away.
        """
        artist = await self._artists.add(draft, self._clock.now())
        if draft.exclude_own_plays:
            # Songs may have named this artist, and the user may have played them, before there was a profile.
            await self._own_plays.rejudge(artist.id)
        return artist

    async def change(self, artist_id: str, changes: ArtistChanges) -> Artist:
        """Change an artist; raises as `get`.

        Own plays are judged again whenever `exclude_own_plays` is said, also to what it is: who was told
        `Unavailable` half way makes it whole by asking once more.
        """
        artist = await self._artists.change(artist_id, changes, self._clock.now())
        if changes.exclude_own_plays is not None:
            await self._own_plays.rejudge(artist.id)
        return artist
