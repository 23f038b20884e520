"""What follows from a provider's notice: kept answers are forgotten, and tracks are read again."""

from collections.abc import Sequence
from typing import Protocol

from app.models.licensing.providers import CacheKind, ProviderName
from app.models.licensing.sync import SyncJob, SyncOptions


class KeptAnswers(Protocol):
    """The cache of answers."""

    async def invalidate(self, provider: ProviderName | None = None, kind: CacheKind | None = None) -> int:
        """Forget answers of one provider, of one kind, or all."""
        ...


class Syncs(Protocol):
    """Syncs of catalogues."""

    async def start(self, provider: ProviderName, options: SyncOptions) -> SyncJob:
        """Have the whole catalogue synced."""
        ...

    async def start_tracks(self, provider: ProviderName, track_ids: Sequence[str]) -> SyncJob:
        """Have these tracks synced."""
        ...


class CachedTracksOf:
    """`CachedTracks` over the cache of answers."""

    def __init__(self, answers: KeptAnswers) -> None:
        self._answers = answers

    async def forget(self, provider: ProviderName, track_ids: Sequence[str]) -> None:
        """Forget tracks and licences; without any named, searches too.

        Answers are forgotten by the shelf, those of other tracks of the provider with them: a notice is rare, and a
        licence that is believed for a day too long is worse than some calls.

        Raises:
            Unavailable: the database is away.
        """
        kinds = (CacheKind.TRACK, CacheKind.LICENSE) if track_ids else (None,)
        for kind in kinds:
            await self._answers.invalidate(provider, kind)


class TrackSyncsOf:
    """`TrackSyncs` over the syncs of catalogues."""

    def __init__(self, syncs: Syncs) -> None:
        self._syncs = syncs

    async def start(self, provider: ProviderName, track_ids: Sequence[str]) -> None:
        """Start a sync of these tracks, or, without any, of the catalogue.

        Raises:
            NotSupported, NotConfigured: it cannot be synced.
            Conflict: it is being synced with other options.
            Unavailable: the database is away.
        """
        if track_ids:
            await self._syncs.start_tracks(provider, track_ids)
        else:
            await self._syncs.start(provider, SyncOptions())
