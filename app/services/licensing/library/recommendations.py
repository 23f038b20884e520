"""Recommendations: tracks that fit what a user has kept and used, and for a newcomer what is used most."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from app.models.licensing.favorites import TrackRef
from app.models.licensing.recommendations import Basis, Proposal, Recommendations, Taste, UsedTrack
from app.models.licensing.sync import AlikeFilter
from app.models.licensing.tracks import LicenceCode, LicenceFacts, ProviderTrack
from app.services.licensing.library.spellings import spellings
from app.services.licensing.library.taste import diversified, favourites_of, fit, taste_of

_LATEST = 500
_MOST_WORDS = 5
_MOST_USES = 3
# For each side of the tempo, by genre and by mood; more only for those who have most of what is near already.
_CANDIDATES = (100, 400, 1_600)
_POPULAR = 200


class Library(Protocol):
    """What users have kept and used."""

    async def latest_kept(self, user_id: str, limit: int) -> Sequence[tuple[TrackRef, ProviderTrack | None]]:
        """The user's favourites, the newest first."""
        ...

    async def latest_used(self, user_id: str, limit: int) -> Sequence[UsedTrack]:
        """The user's uses, the newest first."""
        ...

    async def owned_among(self, user_id: str, refs: Sequence[TrackRef]) -> set[TrackRef]:
        """Those of the tracks that the user has kept or used."""
        ...

    async def most_used(self, limit: int) -> Sequence[tuple[TrackRef, int]]:
        """What anybody has used lately and how often, the most used first."""
        ...


class Catalogue(Protocol):
    """Our copy of those catalogues that may be copied."""

    async def alike(self, wanted: AlikeFilter) -> Sequence[ProviderTrack]:
        """Usable tracks with one of the genres or moods, those near a tempo."""
        ...

    async def find(self, refs: Sequence[TrackRef]) -> Mapping[TrackRef, ProviderTrack]:
        """Those of the tracks that are in it, and that their providers still have."""
        ...


class RecommendationService:
    """Recommends tracks of our copy. Equal favourites, uses and catalogue give equal recommendations."""

    def __init__(self, library: Library, catalogue: Catalogue) -> None:
        self._library = library
        self._catalogue = catalogue

    async def of(self, user_id: str, limit: int) -> Recommendations:
        """The best tracks for a user, which they have neither kept nor used, with few of any one artist.

        Raises:
            Unavailable: the database is away.
        """
        taste = taste_of(await self._liked(user_id))
        if taste.is_known:
            return Recommendations(await self._fitting(user_id, taste, limit), Basis.TASTE)
        return Recommendations(await self._popular(user_id, limit), Basis.USAGE)

    async def _liked(self, user_id: str) -> list[tuple[ProviderTrack, int]]:
        kept, used = await asyncio.gather(
            self._library.latest_kept(user_id, _LATEST), self._library.latest_used(user_id, _LATEST)
        )
        uses = Counter(one.ref for one in used)
        weights = Counter({ref: 1 for ref, _ in kept}) + Counter({ref: min(n, _MOST_USES) for ref, n in uses.items()})
        known = {one.ref: _as_track(one) for one in used} | {ref: track for ref, track in kept if track is not None}
        tracks = known | dict(await self._catalogue.find(list(weights)))
        return [(tracks[ref], weights[ref]) for ref in sorted(weights) if ref in tracks]

    async def _fitting(self, user_id: str, taste: Taste, limit: int) -> tuple[Proposal, ...]:
        genres, moods = (spellings(favourites_of(shares, _MOST_WORDS)) for shares in (taste.genres, taste.moods))
        new: list[ProviderTrack] = []
        for candidates in _CANDIDATES:
            near = await self._catalogue.alike(AlikeFilter(genres, moods, taste.tempo, candidates))
            new = await self._new_to(user_id, near)
            if len(new) >= limit or len(near) < candidates:
                break
        return diversified((fit(taste, track) for track in new), limit)

    async def _popular(self, user_id: str, limit: int) -> tuple[Proposal, ...]:
        used = dict(await self._library.most_used(_POPULAR))
        found = await self._catalogue.find(list(used))
        new = await self._new_to(user_id, [track for track in found.values() if track.licence.is_usable])
        uses = [used[TrackRef.of(track)] for track in new]
        most = max(uses, default=1)
        proposals = (
            Proposal(track, round(count / most, 4), ("Is used often",)) for track, count in zip(new, uses, strict=True)
        )
        return diversified(proposals, limit)

    async def _new_to(self, user_id: str, tracks: Sequence[ProviderTrack]) -> list[ProviderTrack]:
        owned = await self._library.owned_among(user_id, [TrackRef.of(track) for track in tracks])
        return [track for track in tracks if TrackRef.of(track) not in owned]


def _as_track(used: UsedTrack) -> ProviderTrack:
    """What is known of a track that was used, where nothing else is."""
    facts = LicenceFacts(LicenceCode.UNKNOWN)
    return ProviderTrack(
        used.ref.provider, used.ref.track_id, title="", licence=facts, genres=used.genres, moods=used.moods
    )
