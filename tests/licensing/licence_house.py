"""The licence services over a real database, a provider in memory, and a clock that stands still."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from app.clock import Clock
from app.errors import NotFound, Unavailable
from app.models.licensing.cache import Looked
from app.models.licensing.favorites import TrackRef
from app.models.licensing.licences import LicenceTerms, TermsDraft, Verdict
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import Source
from app.models.licensing.tracks import LicenceCode, LicenceFacts, ProviderTrack
from app.models.licensing.usage import Period, Usage, Use, UseOrder
from app.repositories.license_changes import LicenseChangeRepository
from app.repositories.license_evidence import LicenseEvidenceRepository
from app.repositories.license_terms import LicenseTermsRepository
from app.repositories.mongo import Mongo
from app.repositories.music_compliance import MusicComplianceRepository
from app.repositories.music_usage_analytics import MusicUsageAnalyticsRepository
from app.repositories.music_usages import MusicUsageRepository
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.licences.compliance import ComplianceService
from app.services.licensing.licences.evidence import LicenseEvidenceService
from app.services.licensing.licences.expiry import LicenseCheckService
from app.services.licensing.licences.terms import LicenseTermsService
from app.services.licensing.licences.usage import UsageService
from app.services.licensing.licences.usage_analytics import UsageAnalyticsService
from app.services.licensing.licences.validity import LicenseService
from tests.licensing.fake_provider import track

SOUNDSTRIPE, OPENVERSE = ProviderName.SOUNDSTRIPE, ProviderName.OPENVERSE
START = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
YOUTUBE = Use("youtube", "DE")
BY = LicenceFacts(LicenceCode.BY, "4.0", "https://creativecommons.org/licenses/by/4.0/", '"T" by A, CC BY 4.0')


class Conversions:
    """Notes which uses were told."""

    def __init__(self) -> None:
        self.uses: list[tuple[str, TrackRef]] = []
        self.is_away = False

    async def used(self, user_id: str, track: TrackRef, at: datetime) -> int:
        if self.is_away:
            raise Unavailable("The database is away, please try again")
        self.uses.append((user_id, track))
        return 1


class StandingClock:
    """Stands until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> datetime:
        self.at += by
        return self.at


@dataclass
class FakeFacts:
    """Tracks by id, of whichever provider; every look is a new one."""

    clock: Clock
    tracks: dict[tuple[ProviderName, str], ProviderTrack] = field(default_factory=dict)
    fails: bool = False

    def offer(self, *tracks: ProviderTrack) -> None:
        self.tracks |= {(one.provider, one.id): one for one in tracks}

    def take_away(self, one: ProviderTrack) -> None:
        del self.tracks[one.provider, one.id]

    async def license(self, name: ProviderName, track_id: str) -> Looked:
        if self.fails:
            raise ProviderFailed(name, "It does not answer")
        found = self.tracks.get((name, track_id))
        if found is None:
            raise NotFound("Track not found")
        return Looked(found, Source.MISS, self.clock.now())


@dataclass
class Heard:
    """Keeps what was published; `refuses` makes it fail."""

    events: list[tuple[str, dict[str, object], str | None]] = field(default_factory=list)
    refuses: bool = False

    async def publish(self, kind: str, payload: dict[str, object], key: str | None = None) -> None:
        if self.refuses:
            raise ProviderFailed(SOUNDSTRIPE, "Nobody listens")
        self.events.append((kind, payload, key))


class LicenceHouse:
    """Everything that has to do with licences, as one process has it."""

    def __init__(self, mongo: Mongo, clock: Clock | None = None, facts: FakeFacts | None = None) -> None:
        self.mongo = mongo
        self.clock = clock or StandingClock()
        self.facts = facts or FakeFacts(self.clock)
        self.heard = Heard()
        self.conversions = Conversions()
        terms, evidence, usages = (
            LicenseTermsRepository(mongo), LicenseEvidenceRepository(mongo), MusicUsageRepository(mongo),
        )  # fmt: skip
        changes = LicenseChangeRepository(mongo)
        self.terms = LicenseTermsService(terms, self.clock)
        self.evidence = LicenseEvidenceService(self.facts, evidence, self.clock)
        self.licenses = LicenseService(self.terms, self.evidence, self.clock)
        self.usages = UsageService(self.evidence, usages, self.conversions, self.clock)
        self.compliance = ComplianceService(MusicComplianceRepository(mongo), changes, usages, self.clock)
        self.analytics = UsageAnalyticsService(MusicUsageAnalyticsRepository(mongo), self.clock)
        self.checks = LicenseCheckService(terms, changes, self.heard, self.clock)

    async def set(
        self, provider: ProviderName = SOUNDSTRIPE, tenant: str | None = None, **terms: object
    ) -> LicenceTerms:
        return await self.terms.set(provider, tenant, TermsDraft(**{"type": "subscription", **terms}), "admin-1")

    async def validate(
        self, track_id: str = "1", use: Use = YOUTUBE, period: Period | None = None, tenant: str | None = None,
        provider: ProviderName = SOUNDSTRIPE,
    ) -> Verdict:  # fmt: skip
        return await self.licenses.validate(provider, track_id, tenant, use, period)

    async def use(
        self, track_id: str = "1", use: Use = YOUTUBE, tenant: str | None = None, key: str | None = None,
        provider: ProviderName = SOUNDSTRIPE, user: str = "ann",
    ) -> Usage:  # fmt: skip
        return await self.usages.record(UseOrder(user, tenant, provider, track_id, "project-1", use, key))

    async def close(self) -> None:
        await self.terms.close()
        await self.evidence.close()
        await self.usages.close()


def free_track(number: int = 7, facts: LicenceFacts = BY, **changes: object) -> ProviderTrack:
    return replace(track(number, OPENVERSE), **({"licence": facts} | changes))
