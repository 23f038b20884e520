"""Records uses of tracks: each once, and only while it is licensed."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from uuid import uuid4

import structlog

from app.clock import Clock
from app.errors import Conflict, DomainError, LicenseInvalid, NotFound, Unavailable
from app.metrics import MUSIC_USES
from app.models.licensing.favorites import TrackRef
from app.models.licensing.licences import Evidence, LicenceTerms, Verdict
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import ProviderTrack
from app.models.licensing.usage import Claim, Period, Usage, Use, UseOrder
from app.services.group_commit import GroupCommit
from app.services.licensing.licences.evidence import LicenseEvidenceService
from app.services.licensing.licences.verdicts import WITHDRAWN, judge

log = structlog.get_logger(__name__)

_RECORDED = MUSIC_USES.labels("recorded")
_REFUSED = MUSIC_USES.labels("refused")

Judge = Callable[[LicenceTerms | None, Evidence | None, Use, Period], Verdict]


class Usages(Protocol):
    """Where uses are kept."""

    async def record(
        self, claims: Sequence[Claim], judge: Judge, now: Callable[[], datetime]
    ) -> Sequence[Usage | LicenseInvalid | Conflict]:
        """Decide on all claims and write those that are licensed, in one transaction."""
        ...


class Conversions(Protocol):
    """Experiments, in which a use of a track that somebody was shown counts."""

    async def used(self, user_id: str, track: TrackRef, at: datetime) -> int:
        """Count a use; safe to repeat."""
        ...


class UsageService:
    """Takes uses from product teams; all that arrive at once are one transaction."""

    def __init__(
        self, evidence: LicenseEvidenceService, usages: Usages, conversions: Conversions, clock: Clock
    ) -> None:
        self._conversions = conversions
        self._evidence = evidence
        self._usages = usages
        self._clock = clock
        self._engine = GroupCommit[Claim, Usage]("music-usages", self._commit)

    async def record(self, order: UseOrder) -> Usage:
        """Record a use, at the moment at which it is found to be licensed.

        The decision and the record are one transaction: no use is recorded at or after the end of its licence, or
        under terms that were superseded before it. The same idempotency key of the same user gives what was recorded
        first.

        Raises:
            LicenseInvalid: it is not licensed; with the reasons.
            Conflict: the key was sent with another use before.
            NotFound: there is no such track, and there never was.
            UpstreamFailed, QuotaExceeded, NotConfigured: the provider cannot be asked, and nothing is cached.
            Unavailable: not written in time; with the same key the call can be made again.
        """
        track = await self._look(order.provider, order.track_id)
        claim = Claim(_id_of(order), order.user_id, order.tenant_id, order.project_id, order.use, track)
        try:
            usage = await self._engine.submit(claim)
        except LicenseInvalid:
            _REFUSED.inc()
            raise
        _RECORDED.inc()
        await self._convert(usage)
        return usage

    async def _convert(self, usage: Usage) -> None:
        """The use is on record: a caller who was told otherwise now would record it once more."""
        if usage.user_id is None:
            return
        try:
            await self._conversions.used(usage.user_id, TrackRef(usage.provider, usage.track_id), usage.used_at)
        except Unavailable:
            log.warning("conversion_lost", usage=usage.id)

    async def close(self) -> None:
        """Commit what waits, and end."""
        await self._engine.close()

    async def _look(self, provider: ProviderName, track_id: str) -> ProviderTrack:
        try:
            return await self._evidence.look(provider, track_id)
        except NotFound:
            if await self._evidence.is_known(provider, track_id):
                _REFUSED.inc()
                raise LicenseInvalid([WITHDRAWN]) from None
            raise

    async def _commit(self, claims: Sequence[Claim]) -> Sequence[Usage | DomainError]:
        return await self._usages.record(claims, judge, self._clock.now)


def _id_of(order: UseOrder) -> str:
    """What is the same for the same key of the same user, and otherwise never."""
    if order.idempotency_key is None:
        return uuid4().hex
    return hashlib.sha256(f"{order.user_id}\0{order.idempotency_key}".encode()).hexdigest()[:32]
