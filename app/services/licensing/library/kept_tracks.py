"""Tracks that users keep, in favourites and playlists: whether they exist, and what of them may be stored."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.errors import QuotaExceeded, UpstreamFailed
from app.models.licensing.cache import Looked
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName, ProviderPolicy
from app.models.licensing.tracks import ProviderTrack
from app.services.licensing.errors import NotConfigured


class TrackLookup(Protocol):
    """Tracks as their providers show them, cached."""

    async def track(self, name: ProviderName, track_id: str) -> Looked:
        """One track, or `NotFound`, `ProviderFailed`, `QuotaExceeded`, `NotConfigured`."""
        ...


class Catalogue(Protocol):
    """Our copy of those catalogues that may be copied."""

    async def find(self, refs: Sequence[TrackRef]) -> Mapping[TrackRef, ProviderTrack]:
        """Those of the tracks that are in it, and that their providers still have."""
        ...


class KeptTracks:
    """Looks at tracks for those who keep them."""

    def __init__(
        self, lookup: TrackLookup, catalogue: Catalogue, policies: Mapping[ProviderName, ProviderPolicy]
    ) -> None:
        self._lookup = lookup
        self._catalogue = catalogue
        self._policies = policies

    async def get(self, ref: TrackRef) -> ProviderTrack:
        """The track as its provider shows it, or, while that cannot be asked, as it lies in our copy.

        Raises:
            NotFound: there is no such track.
            UpstreamFailed, QuotaExceeded, NotConfigured: the provider cannot be asked, and our copy has no such.
            Unavailable: the database is away.
        """
        try:
            return (await self._lookup.track(ref.provider, ref.track_id)).track
        except (UpstreamFailed, QuotaExceeded, NotConfigured):
            found = (await self._catalogue.find([ref])).get(ref)
            if found is None:
                raise
            return found

    async def to_keep(self, ref: TrackRef) -> tuple[TrackRef, ProviderTrack | None]:
        """The track by the id that its provider gives it, and what of it may be stored beside a favourite.

        That is all, or `None` when the provider forbids copies.

        Raises:
            NotFound, UpstreamFailed, QuotaExceeded, NotConfigured, Unavailable: as `get`.
        """
        track = await self.get(ref)
        may_store = self._policies[track.provider].capabilities.may_cache_metadata
        return TrackRef.of(track), track if may_store else None

    async def now(self, kept: Mapping[TrackRef, ProviderTrack | None]) -> dict[TrackRef, ProviderTrack | None]:
        """Each track as our copy has it now, or else as it was when it was kept.

        Raises:
            Unavailable: the database is away.
        """
        return {**kept, **await self._catalogue.find(list(kept))}
