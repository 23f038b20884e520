"""Playlists, and the tracks that artists submit to them."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from app.clock import Clock
from app.errors import Forbidden, NotFound
from app.models.identity import Identity
from app.models.pages import Page
from app.models.stats.playlists import (
    Playlist,
    PlaylistCounts,
    PlaylistDraft,
    Submission,
    SubmissionDraft,
    SubmissionFilter,
    SubmissionStatus,
)
from app.models.stats.tracks import Track
from app.services.stats.tracks import KnownArtists


class Playlists(Protocol):
    """Where playlists are kept."""

    async def get(self, playlist_id: str) -> Playlist:
        """The playlist of this id, or `NotFound`."""
        ...

    async def of_owner(self, owner_id: str, cursor: str | None, limit: int) -> Page[Playlist]:
        """A user's own playlists."""
        ...

    async def count_of_owner(self, owner_id: str) -> int:
        """How many playlists a user has."""
        ...

    async def add(self, draft: PlaylistDraft, at: datetime) -> Playlist:
        """Add a playlist, or `Conflict`."""
        ...


class Submissions(Protocol):
    """Where submissions are kept."""

    async def add(self, draft: SubmissionDraft, at: datetime) -> Submission:
        """Add a submission, or `Conflict`."""
        ...

    async def page(self, wanted: SubmissionFilter) -> Page[Submission]:
        """One page of the submissions to a playlist."""
        ...

    async def decide(self, playlist_id: str, submission_id: str, status: SubmissionStatus, at: datetime) -> Submission:
        """Accept or reject, or `Conflict`, or `NotFound`."""
        ...

    async def counts_of_submitter(self, user_id: str) -> Mapping[SubmissionStatus, int]:
        """How many submissions a user has made, by status."""
        ...


class KnownTracks(Protocol):
    """What can be submitted."""

    async def get(self, reference: str) -> Track:
        """The track of this id, or the song of this id or slug, or `NotFound`."""
        ...


class PlaylistService:
    """Keeps playlists, takes submissions and decisions on them."""

    def __init__(
        self, playlists: Playlists, submissions: Submissions, tracks: KnownTracks, artists: KnownArtists, clock: Clock
    ) -> None:
        self._playlists = playlists
        self._submissions = submissions
        self._tracks = tracks
        self._artists = artists
        self._clock = clock

    async def add(self, draft: PlaylistDraft) -> Playlist:
        """Add a playlist.

        Raises:
            Conflict: the id belongs to another one.
            Unavailable: the database is away.
        """
        return await self._playlists.add(draft, self._clock.now())

    async def own(self, owner_id: str, cursor: str | None, limit: int) -> Page[Playlist]:
        """A user's own playlists, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._playlists.of_owner(owner_id, cursor, limit)

    async def counts(self, user_id: str) -> PlaylistCounts:
        """A user's playlists, and their submissions to anybody's; for the dashboard.

        Raises:
            Unavailable: the database is away.
        """
        playlists, submissions = await asyncio.gather(
            self._playlists.count_of_owner(user_id), self._submissions.counts_of_submitter(user_id)
        )
        return PlaylistCounts(playlists, submissions)

    async def submit(self, caller: Identity, playlist_id: str, reference: str, message: str | None) -> Submission:
        """Submit a track to anybody's playlist, for its artist and for admins.

        Raises:
            NotFound: there is no such playlist or no such track.
            Forbidden: the caller is neither.
            Conflict: the track is in this playlist, or waits for a decision. Rejected ones may be submitted again.
            Unavailable: the database is away.
        """
        playlist = await self._playlists.get(playlist_id)
        track = await self._tracks.get(reference)
        if not (caller.is_admin or await self._is_artist_of(track, caller)):
            raise Forbidden("Only the track's artist or an admin may submit it")
        draft = SubmissionDraft(playlist.id, track.id, message, caller.user_id)
        return await self._submissions.add(draft, self._clock.now())

    async def _is_artist_of(self, track: Track, caller: Identity) -> bool:
        if track.artist_id is None:
            return False
        try:
            return (await self._artists.get(track.artist_id)).user_id == caller.user_id
        except NotFound:  # a song of the catalogue may name anybody
            return False

    async def submissions(
        self, caller: Identity, playlist_id: str, status: SubmissionStatus | None, cursor: str | None, limit: int
    ) -> Page[Submission]:
        """The submissions to a playlist, the newest first: all for its owner and admins, for others their own.

        Raises:
            NotFound: there is no such playlist.
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        playlist = await self._playlists.get(playlist_id)
        submitted_by = None if _may_decide(caller, playlist) else caller.user_id
        return await self._submissions.page(SubmissionFilter(playlist.id, submitted_by, status, limit, cursor))

    async def decide(
        self, caller: Identity, playlist_id: str, submission_id: str, status: SubmissionStatus
    ) -> Submission:
        """Accept or reject a submission, for the playlist's owner and admins. The same decision again changes nothing.

        Raises:
            NotFound: there is no such playlist, or no such submission to it.
            Forbidden: the caller is neither.
            Conflict: it was decided otherwise; a decision is final.
            Unavailable: the database is away.
        """
        playlist = await self._playlists.get(playlist_id)
        if not _may_decide(caller, playlist):
            raise Forbidden("Only the playlist's owner or an admin may decide")
        return await self._submissions.decide(playlist.id, submission_id, status, self._clock.now())


def _may_decide(caller: Identity, playlist: Playlist) -> bool:
    return caller.is_admin or playlist.owner_id == caller.user_id
