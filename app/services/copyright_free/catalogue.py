"""The copyright-free catalogue: browsed by anyone, kept by admins."""

import asyncio
from dataclasses import dataclass

from app.clock import Clock
from app.errors import FailureReason, Forbidden, NotFound, TransientFailure, Unavailable
from app.models.catalogue import SongChanges, SongDraft, SongFilter
from app.models.identity import Identity, Role
from app.models.pages import Page
from app.models.songs import Song, SongCounts, SongKey
from app.models.views import ViewAnalytics
from app.services.copyright_free.ports import Analytics, Reactions, SongRemovals, Songs, Views
from app.services.group_commit import Backoff

_REMOVE_ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """What a user has done with a song."""

    has_viewed: bool
    has_liked: bool
    has_bookmarked: bool


class CatalogueService:
    """Lists, shows and changes songs."""

    def __init__(
        self,
        songs: Songs,
        removals: SongRemovals,
        views: Views,
        likes: Reactions,
        bookmarks: Reactions,
        analytics: Analytics,
        clock: Clock,
    ) -> None:
        self._songs = songs
        self._removals = removals
        self._views = views
        self._likes = likes
        self._bookmarks = bookmarks
        self._analytics = analytics
        self._clock = clock
        self._backoff = Backoff()

    async def page(self, wanted: SongFilter) -> Page[Song]:
        """One page of the catalogue.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._songs.page(wanted)

    async def get(self, reference: str) -> Song:
        """The song of this id or slug.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        return await self._songs.get(reference)

    async def counts(self, reference: str) -> SongCounts:
        """The song's counts as they are now; raises as `get`."""
        return (await self._songs.get(reference)).counts

    async def standing(self, user_id: str, song_key: SongKey) -> Standing:
        """What this user has done with the song.

        Raises:
            Unavailable: the database is away.
        """
        viewed, liked, bookmarked = await asyncio.gather(
            self._views.has_viewed(user_id, song_key),
            self._likes.stands(user_id, song_key),
            self._bookmarks.stands(user_id, song_key),
        )
        return Standing(viewed, liked, bookmarked)

    async def audience(self, caller: Identity, reference: str) -> ViewAnalytics:
        """Who listens to a song, for admins and for the song's artist.

        Raises:
            NotFound: there is no such song.
            Forbidden: the caller is neither.
            Unavailable: the database is away.
        """
        song = await self._songs.get(reference)
        is_its_artist = Role.ARTIST in caller.roles and song.artist_id == caller.user_id
        if not (caller.is_admin or is_its_artist):
            raise Forbidden("Only an admin or the song's artist may see its analytics")
        return await self._analytics.of_song(song.key)

    async def add(self, draft: SongDraft) -> Song:
        """Add a song.

        Raises:
            Conflict: the slug belongs to another song.
            Unavailable: the database is away.
        """
        return await self._songs.add(draft, self._clock.now())

    async def change(self, reference: str, changes: SongChanges) -> Song:
        """Change a song.

        Raises:
            NotFound, Conflict, Unavailable: as `get` and `add`.
        """
        return await self._songs.change(reference, changes, self._clock.now())

    async def remove(self, reference: str) -> str:
        """Remove a song with its views, likes and bookmarks, and return its id.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        song = await self._songs.get(reference)
        if not await self._begin_removal(song.key):
            raise NotFound("Song not found")
        await self._removals.finish(song.key)
        return song.id

    async def finish_removals(self) -> int:
        """Finish removals that were cut off, and return how many there were.

        Raises:
            Unavailable: the database is away.
        """
        pending = await self._removals.pending()
        for song_key in pending:
            await self._removals.finish(song_key)
        return len(pending)

    async def _begin_removal(self, song_key: SongKey) -> bool:
        """A popular song is written all the time, and each of those writes can be in the way once.

        After an unknown result, a song that is gone was removed by us.
        """
        may_be_ours = False
        for attempt in range(1, _REMOVE_ATTEMPTS + 1):
            try:
                return await self._removals.begin(song_key, self._clock.now()) or may_be_ours
            except TransientFailure as failure:
                if failure.reason is FailureReason.AWAY:
                    raise Unavailable("The database is away, please try again") from failure
                may_be_ours = may_be_ours or failure.reason is FailureReason.UNKNOWN
                await asyncio.sleep(self._backoff.pause(attempt, failure.reason))
        raise Unavailable("The song is too busy to be removed, please try again")
