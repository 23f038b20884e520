"""What is known of the licences of tracks: looked up, kept as dated evidence, and found again for any day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.clock import Clock
from app.errors import DomainError, NotFound, QuotaExceeded, UpstreamFailed
from app.models.licensing.cache import Looked
from app.models.licensing.licences import Evidence
from app.models.licensing.license_sightings import Sighting
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import ProviderTrack
from app.models.pages import Page
from app.services.group_commit import GroupCommit, Merging
from app.services.licensing.errors import NotConfigured


class TrackFacts(Protocol):
    """Tracks with their licence facts, at most a day old."""

    async def license(self, name: ProviderName, track_id: str) -> Looked:
        """One track.

        Raises:
            NotFound: the provider has none of this id.
            UpstreamFailed, QuotaExceeded, NotConfigured: it cannot be asked, and nothing is kept.
        """
        ...


class KeptEvidence(Protocol):
    """Where evidence is kept."""

    async def keep(self, sightings: Sequence[Sighting]) -> int:
        """Keep what was seen; safe to repeat."""
        ...

    async def current(self, provider: ProviderName, track_id: str) -> Evidence | None:
        """The evidence in force."""
        ...

    async def as_of(self, provider: ProviderName, track_id: str, at: datetime) -> Evidence | None:
        """The evidence that was in force at a moment."""
        ...

    async def versions(self, provider: ProviderName, track_id: str, cursor: str | None, limit: int) -> Page[Evidence]:
        """All evidence of a track, the newest first."""
        ...


class LicenseEvidenceService:
    """Looks at tracks, and keeps what it saw."""

    def __init__(self, facts: TrackFacts, evidence: KeptEvidence, clock: Clock) -> None:
        self._facts = facts
        self._evidence = evidence
        self._clock = clock
        self._engine = GroupCommit[Sighting, None](
            "license-evidence", self._commit, merging=Merging(lambda seen: (seen.provider, seen.track_id), _newer)
        )

    async def look(self, provider: ProviderName, track_id: str) -> ProviderTrack:
        """The track as it is offered now; what it says of its licence is kept as evidence when this returns.

        Raises:
            NotFound: the provider has none of this id; if it had, that is kept as well.
            UpstreamFailed, QuotaExceeded, NotConfigured: it cannot be asked, and nothing is cached.
            Unavailable: the database is away.
        """
        try:
            looked = await self._facts.license(provider, track_id)
        except NotFound:
            await self._keep_absence(provider, track_id)
            raise
        track = looked.track
        known = await self._evidence.current(track.provider, track.id)
        # Most answers come out of a cache, and what they say was kept when they came.
        if known is None or known.confirmed_at < looked.observed_at:
            await self._engine.submit(Sighting.of(track, looked.observed_at))
        return track

    async def now(self, provider: ProviderName, track_id: str) -> Evidence | None:
        """The evidence in force after a fresh look, or without one while the provider cannot be asked.

        Raises:
            NotFound: the provider has none of this id, and never had.
            UpstreamFailed, QuotaExceeded, NotConfigured: it cannot be asked, and nothing is known of the track.
            Unavailable: the database is away.
        """
        try:
            track_id = (await self.look(provider, track_id)).id
        except (NotFound, UpstreamFailed, QuotaExceeded, NotConfigured):
            known = await self._evidence.current(provider, track_id)
            if known is None:
                raise
            return known
        return await self._evidence.current(provider, track_id)

    async def as_of(self, provider: ProviderName, track_id: str, at: datetime) -> Evidence | None:
        """The evidence that was in force at a moment of the past; `None` when there was none by then.

        Raises:
            NotFound, UpstreamFailed, QuotaExceeded, NotConfigured, Unavailable: as `now`, of a track that nothing was
                known of then.
        """
        found = await self._evidence.as_of(provider, track_id, at)
        if found is None:
            # To tell a track of which nothing was known then from one that does not exist.
            await self.now(provider, track_id)
        return found

    async def is_known(self, provider: ProviderName, track_id: str) -> bool:
        """Whether anything was ever seen of the track.

        Raises:
            Unavailable: the database is away.
        """
        return await self._evidence.current(provider, track_id) is not None

    async def versions(self, provider: ProviderName, track_id: str, cursor: str | None, limit: int) -> Page[Evidence]:
        """All evidence of a track, the newest first; none of a track that nobody looked at.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._evidence.versions(provider, track_id, cursor, limit)

    async def close(self) -> None:
        """Commit what waits, and end."""
        await self._engine.close()

    async def _keep_absence(self, provider: ProviderName, track_id: str) -> None:
        known = await self._evidence.current(provider, track_id)
        if known is not None and not known.is_withdrawn:
            await self._engine.submit(Sighting(provider, track_id, self._clock.now(), None))

    async def _commit(self, sightings: Sequence[Sighting]) -> Sequence[DomainError | None]:
        await self._evidence.keep(sightings)
        return [None] * len(sightings)


def _newer(older: Sighting, newer: Sighting) -> Sighting:
    return max(older, newer, key=lambda seen: seen.at)
