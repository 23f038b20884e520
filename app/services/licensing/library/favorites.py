"""Favourites: tracks that users keep for themselves."""

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.clock import Clock
from app.models.licensing.favorites import (
    Favorite,
    FavoriteAdded,
    FavoriteChanges,
    FavoriteDraft,
    FavoriteFilter,
    TrackRef,
)
from app.models.licensing.providers import ProviderName
from app.models.pages import Page
from app.services.licensing.library.kept_tracks import KeptTracks
from app.services.until_done import until_done


class Favorites(Protocol):
    """Where favourites are kept."""

    def new_id(self) -> str:
        """An id that nobody has."""
        ...

    async def add(self, favorite_id: str, draft: FavoriteDraft, at: datetime) -> FavoriteAdded:
        """Add or find one, or `Conflict`, or `TransientFailure`."""
        ...

    async def get(self, user_id: str, favorite_id: str) -> Favorite:
        """The user's favourite of this id, or `NotFound`."""
        ...

    async def find(self, user_id: str, ref: TrackRef) -> Favorite | None:
        """The user's favourite of this track, if any."""
        ...

    async def page(self, wanted: FavoriteFilter) -> Page[Favorite]:
        """One page of a user's favourites."""
        ...

    async def change(self, user_id: str, favorite_id: str, changes: FavoriteChanges, at: datetime) -> Favorite:
        """Set or clear notes and tags, or `NotFound`."""
        ...

    async def remove(self, user_id: str, favorite_id: str) -> None:
        """Remove one, or `NotFound`."""
        ...


class FavoriteService:
    """Keeps tracks for users; each sees only their own."""

    def __init__(self, favorites: Favorites, tracks: KeptTracks, clock: Clock) -> None:
        self._favorites = favorites
        self._tracks = tracks
        self._clock = clock

    async def add(self, user_id: str, ref: TrackRef, notes: str | None, tags: Iterable[str]) -> FavoriteAdded:
        """Keep a track. One that the user has kept already is given back as it is.

        Raises:
            NotFound: there is no such track.
            Conflict: the user has 5,000, or the provider is not configured.
            UpstreamFailed, QuotaExceeded: the provider cannot be asked, and we have no copy of the track.
            Unavailable: the database is away.
        """
        found = await self._favorites.find(user_id, ref)
        if found is not None:
            return FavoriteAdded(await self._as_it_is_now(found), is_new=False)
        own_ref, track = await self._tracks.to_keep(ref)
        draft = FavoriteDraft(user_id, own_ref, notes or None, normalised_tags(tags), track)
        favorite_id, now = self._favorites.new_id(), self._clock.now()
        return await until_done(lambda _: self._favorites.add(favorite_id, draft, now))

    async def get(self, user_id: str, favorite_id: str) -> Favorite:
        """One of the user's favourites, with the newest state of the track that we have.

        Raises:
            NotFound: the user has no such.
            Unavailable: the database is away.
        """
        return await self._as_it_is_now(await self._favorites.get(user_id, favorite_id))

    async def page(
        self,
        user_id: str,
        tag: str | None,
        provider: ProviderName | None,
        query: str | None,
        limit: int,
        cursor: str | None,
    ) -> Page[Favorite]:
        """The user's favourites, the newest first; every word of `query` occurs in title, artist, album, tags or notes.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        words = tuple(dict.fromkeys((query or "").lower().split()))
        only_tag = None if tag is None else normalised_tag(tag)
        page = await self._favorites.page(FavoriteFilter(user_id, only_tag, provider, words, limit, cursor))
        return Page(await self._as_they_are_now(page.items), page.next_cursor)

    async def change(self, user_id: str, favorite_id: str, changes: FavoriteChanges) -> Favorite:
        """Set or clear notes and tags.

        Raises:
            NotFound: the user has no such favourite.
            Unavailable: the database is away.
        """
        tags = None if changes.tags is None else normalised_tags(changes.tags)
        normalised = replace(changes, tags=tags)
        changed = await self._favorites.change(user_id, favorite_id, normalised, self._clock.now())
        return await self._as_it_is_now(changed)

    async def remove(self, user_id: str, favorite_id: str) -> None:
        """Keep a track no longer.

        Raises:
            NotFound: the user has no such favourite.
            Unavailable: the database is away.
        """
        await self._favorites.remove(user_id, favorite_id)

    async def _as_it_is_now(self, favorite: Favorite) -> Favorite:
        return (await self._as_they_are_now([favorite]))[0]

    async def _as_they_are_now(self, favorites: Iterable[Favorite]) -> tuple[Favorite, ...]:
        shown = tuple(favorites)
        tracks = await self._tracks.now({one.ref: one.track for one in shown})
        return tuple(replace(one, track=tracks[one.ref]) for one in shown)


def normalised_tag(tag: str) -> str:
    """One spelling for tags that look alike: compatible characters are one, small letters, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", tag).lower().split())


def normalised_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Each tag once, in the order in which they came; blank ones are none."""
    return tuple(dict.fromkeys(filter(None, map(normalised_tag, tags))))
