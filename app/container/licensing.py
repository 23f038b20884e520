"""The licensing wing: everything concrete of it."""

from functools import partial

from app.clock import Clock
from app.config import Settings
from app.repositories.experiment_assignments import ExperimentAssignmentRepository
from app.repositories.experiments import ExperimentRepository
from app.repositories.leases import LeaseRepository
from app.repositories.license_changes import LicenseChangeRepository
from app.repositories.license_evidence import LicenseEvidenceRepository
from app.repositories.license_terms import LicenseTermsRepository
from app.repositories.licensed_tracks import LicensedTrackRepository
from app.repositories.licensing_cache import LicensingCacheRepository
from app.repositories.licensing_cache_counts import CacheCountRepository
from app.repositories.licensing_cache_generations import CacheGenerationRepository
from app.repositories.licensing_erasure import MusicUsageErasureRepository, WebhookSubscriptionErasureRepository
from app.repositories.mongo import Mongo
from app.repositories.music_compliance import MusicComplianceRepository
from app.repositories.music_favorites import MusicFavoriteRepository
from app.repositories.music_libraries import MusicLibraryRepository
from app.repositories.music_playlists import MusicPlaylistRepository
from app.repositories.music_usage_analytics import MusicUsageAnalyticsRepository
from app.repositories.music_usages import MusicUsageRepository
from app.repositories.personal_rows import PersonalRowRepository
from app.repositories.provider_calls import ProviderCallRepository
from app.repositories.provider_quotas import ProviderQuotaRepository
from app.repositories.provider_setups import ProviderSetupRepository
from app.repositories.sync_jobs import SyncJobRepository
from app.repositories.sync_pages import SyncPageRepository
from app.repositories.track_downloads import TrackDownloadRepository
from app.repositories.webhook_deliveries import WebhookDeliveryRepository
from app.repositories.webhook_receipts import WebhookReceiptRepository
from app.repositories.webhook_subscriptions import WebhookSubscriptionRepository
from app.services.licensing import personal_data
from app.services.licensing.access.breakers import Breakers
from app.services.licensing.access.call_statistics import CallStatistics
from app.services.licensing.access.credentials import CredentialVault, provider_secrets_keys
from app.services.licensing.access.provider_administration import ProviderAdministration
from app.services.licensing.access.provider_setups import ProviderSetupService
from app.services.licensing.access.quotas import QuotaService
from app.services.licensing.answers.cache import AnswerCache
from app.services.licensing.answers.counters import CacheCounters
from app.services.licensing.answers.generations import Generations
from app.services.licensing.downloads.queue import DownloadQueue
from app.services.licensing.downloads.service import DownloadService
from app.services.licensing.experiments.service import ExperimentService
from app.services.licensing.finding.search import SearchService
from app.services.licensing.finding.track_lookup import TrackLookup
from app.services.licensing.library.favorites import FavoriteService
from app.services.licensing.library.kept_tracks import KeptTracks
from app.services.licensing.library.playlists import MusicPlaylistService
from app.services.licensing.library.recommendations import RecommendationService
from app.services.licensing.library.similar import ProviderLists, SimilarService
from app.services.licensing.licences.compliance import ComplianceService
from app.services.licensing.licences.evidence import LicenseEvidenceService
from app.services.licensing.licences.expiry import LicenseCheckService
from app.services.licensing.licences.terms import LicenseTermsService
from app.services.licensing.licences.usage import UsageService
from app.services.licensing.licences.usage_analytics import UsageAnalyticsService
from app.services.licensing.licences.validity import LicenseService
from app.services.licensing.providers.outbound import HttpOutbound
from app.services.licensing.providers.outbound_exchanges import Exchanges
from app.services.licensing.providers.outbound_failures import is_failure_of_provider
from app.services.licensing.providers.outbound_heeding import heeding
from app.services.licensing.providers.registry import POLICIES, build_providers
from app.services.licensing.sync.announcements import SyncAnnouncements
from app.services.licensing.sync.service import SyncService
from app.services.licensing.sync.steps import SyncSteps
from app.services.licensing.sync.worker import SyncWorker
from app.services.licensing.webhooks.dispatcher import WebhookDispatcher
from app.services.licensing.webhooks.effects import CachedTracksOf, TrackSyncsOf
from app.services.licensing.webhooks.events import WebhookEvents
from app.services.licensing.webhooks.http import HttpReceivers
from app.services.licensing.webhooks.inbox import WebhookInbox
from app.services.licensing.webhooks.subscriptions import WebhookSubscriptionService
from app.services.privacy import PersonalData


class LicensingWing:
    """Provider catalogues, what is kept of them, and the licences under which they are used."""

    def __init__(self, settings: Settings, mongo: Mongo, clock: Clock) -> None:
        self.license_terms = LicenseTermsService(LicenseTermsRepository(mongo), clock)
        self._access(settings, mongo, clock)
        self._tell(settings, mongo, clock)
        self._find(mongo, clock)
        self._licences(mongo, clock)
        self._download(mongo, clock)
        self._keep(mongo, clock)
        self._sync(mongo, clock)
        self._hear(mongo, clock)
        self.personal_data = _personal_data(mongo)

    def _access(self, settings: Settings, mongo: Mongo, clock: Clock) -> None:
        private_allowed = settings.private_provider_urls_are_allowed
        self.vault = CredentialVault(partial(provider_secrets_keys, settings))
        self.setups = ProviderSetupService(
            ProviderSetupRepository(mongo), POLICIES, self.vault, clock, private_allowed=private_allowed
        )
        self.quotas = QuotaService(ProviderQuotaRepository(mongo), self.setups)
        self.breakers = Breakers(is_failure_of_provider)
        self.call_statistics = CallStatistics(ProviderCallRepository(mongo), clock)
        self.outbound = HttpOutbound(
            self.quotas,
            self.breakers,
            self.call_statistics,
            Exchanges(private_allowed=private_allowed),
            clock,
            private_allowed=private_allowed,
        )
        self.providers = heeding(build_providers(self.outbound), self.quotas)
        self.provider_administration = ProviderAdministration(
            self.setups, self.license_terms, self.breakers, self.quotas
        )

    def _find(self, mongo: Mongo, clock: Clock) -> None:
        self.answers = AnswerCache(
            LicensingCacheRepository(mongo),
            Generations(CacheGenerationRepository(mongo), clock),
            CacheCounters(CacheCountRepository(mongo), clock),
            clock,
        )
        self.search = SearchService(self.providers, self.setups, self.answers, clock)
        self.track_lookup = TrackLookup(self.providers, self.setups, self.answers)

    def _keep(self, mongo: Mongo, clock: Clock) -> None:
        catalogue, library = LicensedTrackRepository(mongo), MusicLibraryRepository(mongo)
        kept = KeptTracks(self.track_lookup, catalogue, POLICIES)
        self.favorites = FavoriteService(MusicFavoriteRepository(mongo), kept, clock)
        self.playlists = MusicPlaylistService(MusicPlaylistRepository(mongo), kept, clock)
        lists = ProviderLists(self.providers, self.setups, self.answers)
        self.similar = SimilarService(kept, lists, catalogue, library)
        self.recommendations = RecommendationService(library, catalogue)

    def _licences(self, mongo: Mongo, clock: Clock) -> None:
        self._evidence = LicenseEvidenceService(self.track_lookup, LicenseEvidenceRepository(mongo), clock)
        self.licenses = LicenseService(self.license_terms, self._evidence, clock)
        usages, changes = MusicUsageRepository(mongo), LicenseChangeRepository(mongo)
        self.experiments = ExperimentService(ExperimentRepository(mongo), ExperimentAssignmentRepository(mongo), clock)
        self.usages = UsageService(self._evidence, usages, self.experiments, clock)
        self.compliance = ComplianceService(MusicComplianceRepository(mongo), changes, usages, clock)
        self.usage_analytics = UsageAnalyticsService(MusicUsageAnalyticsRepository(mongo), clock)
        self.license_checks = LicenseCheckService(LicenseTermsRepository(mongo), changes, self.webhook_events, clock)

    def _tell(self, settings: Settings, mongo: Mongo, clock: Clock) -> None:
        private_allowed = settings.private_provider_urls_are_allowed
        subscriptions, deliveries = WebhookSubscriptionRepository(mongo), WebhookDeliveryRepository(mongo)
        self.webhook_receivers = HttpReceivers(private_allowed=private_allowed)
        self.webhook_dispatcher = WebhookDispatcher(
            subscriptions, deliveries, self.webhook_receivers, self.vault, clock
        )
        self.webhook_events = WebhookEvents(subscriptions, deliveries, self.webhook_dispatcher, clock)
        self.webhook_subscriptions = WebhookSubscriptionService(
            subscriptions, deliveries, self.vault, clock, private_allowed=private_allowed
        )

    def _download(self, mongo: Mongo, clock: Clock) -> None:
        downloads = TrackDownloadRepository(mongo)
        self.download_queue = DownloadQueue(downloads, self.licenses, self.providers, self.setups, clock)
        self.downloads = DownloadService(
            downloads, self.download_queue, self.licenses, self.providers, self.setups, clock
        )

    def _sync(self, mongo: Mongo, clock: Clock) -> None:
        jobs, leases = SyncJobRepository(mongo), LeaseRepository(mongo)
        steps = SyncSteps(self.providers, self.setups, LicensedTrackRepository(mongo), clock)
        worker = SyncWorker(jobs, SyncPageRepository(mongo), steps, leases, clock)
        self.syncs = SyncService(jobs, worker, self.setups, SyncAnnouncements(jobs, self.webhook_events), clock)

    def _hear(self, mongo: Mongo, clock: Clock) -> None:
        cached, syncs = CachedTracksOf(self.answers), TrackSyncsOf(self.syncs)
        self.webhook_inbox = WebhookInbox(self.setups, WebhookReceiptRepository(mongo), cached, syncs, clock)

    async def drain(self) -> None:
        """Commit what waits, and take no more."""
        await self.webhook_inbox.close()
        await self.syncs.close()
        await self.download_queue.close()
        await self.webhook_dispatcher.close()
        await self.webhook_receivers.close()
        await self.usages.close()
        await self._evidence.close()
        await self.license_terms.close()
        await self.answers.close()
        await self.quotas.close()
        await self.call_statistics.close()
        await self.outbound.close()
        await self.setups.close()


def _personal_data(mongo: Mongo) -> tuple[PersonalData, ...]:
    return personal_data.personal_data(
        favorites=PersonalRowRepository(mongo, "music_favorites"),
        usages=MusicUsageErasureRepository(mongo),
        downloads=PersonalRowRepository(mongo, "track_downloads"),
        subscriptions=WebhookSubscriptionErasureRepository(mongo),
        assignments=PersonalRowRepository(mongo, "experiment_assignments"),
    )
