"""Tracks: kept by admins, played by everyone."""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.clock import Clock
from app.models.pages import Page
from app.models.stats.tracks import Artist, Track, TrackChanges, TrackDraft, TrackFilter, TrackWritten
from app.services.stats.artists import OwnPlays


class Tracks(Protocol):
    """Where tracks are kept."""

    async def get(self, reference: str) -> Track:
        """The track of this id, or the song of this id or slug, or `NotFound`."""
        ...

    async def page(self, wanted: TrackFilter) -> Page[Track]:
        """One page of tracks."""
        ...

    async def add(self, draft: TrackDraft, at: datetime) -> TrackWritten:
        """Add a track, or bring a removed one back, or `Conflict`."""
        ...

    async def change(self, track_id: str, changes: TrackChanges, at: datetime) -> TrackWritten:
        """Change a track, or `NotFound`."""
        ...

    async def remove(self, track_id: str, at: datetime) -> Track:
        """Hide a track, or `NotFound`."""
        ...


class KnownArtists(Protocol):
    """Who may have tracks."""

    async def get(self, artist_id: str) -> Artist:
        """The artist of this id, or `NotFound`."""
        ...


class TrackService:
    """Lists, shows and changes tracks."""

    def __init__(self, tracks: Tracks, artists: KnownArtists, own_plays: OwnPlays, clock: Clock) -> None:
        self._tracks = tracks
        self._artists = artists
        self._own_plays = own_plays
        self._clock = clock

    async def get(self, reference: str) -> Track:
        """The track of this id, or the song of the catalogue with this id or slug.

        Raises:
            NotFound: there is neither, or it was removed.
            Unavailable: the database is away.
        """
        return await self._tracks.get(reference)

    async def page(self, wanted: TrackFilter) -> Page[Track]:
        """One page of tracks, the newest first; songs of the catalogue are listed there.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._tracks.page(wanted)

    async def add(self, draft: TrackDraft) -> Track:
        """Add a track; one that was removed comes back with its counts.

        Raises:
            NotFound: there is no such artist.
            Conflict: the id belongs to a track, or a song answers to it.
            Unavailable: the database is away.
        """
        artist = await self._artists.get(draft.artist_id)
        owned = replace(draft, artist_id=artist.id)
        return await self._judged(await self._tracks.add(owned, self._clock.now()))

    async def change(self, track_id: str, changes: TrackChanges) -> Track:
        """Change a track. With another artist it is in that one's dashboard from now on, with its whole past.

        Raises:
            NotFound: there is no such track or no such artist.
            Conflict: it is a song of the catalogue.
            Unavailable: the database is away.
        """
        if changes.artist_id is not None:
            await self._artists.get(changes.artist_id)
        return await self._judged(await self._tracks.change(track_id, changes, self._clock.now()))

    async def remove(self, track_id: str) -> str:
        """Remove a track from sight, and return its id; its events stay in what is counted over everything.

        Raises:
            NotFound, Conflict, Unavailable: as `change`.
        """
        return (await self._tracks.remove(track_id, self._clock.now())).id

    async def _judged(self, written: TrackWritten) -> Track:
        """The plays of two users are, or are no longer, an artist's own when a track changes hands."""
        artist_id, former = written.track.artist_id, written.former_artist_id
        if artist_id is not None and former is not None and artist_id != former:
            await self._own_plays.rejudge(artist_id)
            await self._own_plays.rejudge(former)
        return written.track
