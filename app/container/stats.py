"""The statistics wing: everything concrete of it."""

from datetime import timedelta

from app.clock import Clock
from app.config import Settings
from app.models.stats.events import EventType
from app.repositories.artists import ArtistRepository
from app.repositories.collection_sizes import CollectionSizes
from app.repositories.leases import LeaseRepository
from app.repositories.live_listeners import LiveListenerRepository
from app.repositories.mongo import Mongo
from app.repositories.personal_rows import PersonalRowRepository
from app.repositories.playlist_submissions import PlaylistSubmissionRepository
from app.repositories.playlists import PlaylistRepository
from app.repositories.stats_analytics import StatsAnalyticsRepository
from app.repositories.stats_archivable import ArchivableEventRepository
from app.repositories.stats_archive_parts import ArchivePartRepository
from app.repositories.stats_audit import StatsAuditRepository
from app.repositories.stats_backfills import StatsBackfillRepository
from app.repositories.stats_bots import StatsBotRepository
from app.repositories.stats_bucket_audit import StatsBucketAuditRepository
from app.repositories.stats_coverage import StatsCoverageRepository
from app.repositories.stats_days import StatsDayRepository
from app.repositories.stats_dirt import StatsDirtRepository
from app.repositories.stats_erasure import ArtistProfileErasureRepository, StatsEventErasureRepository
from app.repositories.stats_events import StatsEventRepository
from app.repositories.stats_periods import StatsPeriodRepository
from app.repositories.stats_platform import StatsPlatformRepository
from app.repositories.stats_rescoring import StatsRescoringRepository
from app.repositories.stats_rollups import StatsRollupRepository
from app.repositories.stats_tallies import StatsTallyRepository
from app.repositories.tracks import TrackRepository
from app.services.privacy import PersonalData
from app.services.stats import personal_data
from app.services.stats.analytics import AnalyticsService
from app.services.stats.archive import ArchiveService
from app.services.stats.archive_files import ParquetArchive
from app.services.stats.artists import ArtistService
from app.services.stats.backfills import BackfillService
from app.services.stats.bots import BotRules, verdict_of_user_agent
from app.services.stats.bucket_making import BucketMaker
from app.services.stats.dashboard import DashboardService
from app.services.stats.geoip import CountryDatabase
from app.services.stats.ingest import IngestService
from app.services.stats.live_listeners import LiveListenerService
from app.services.stats.oversight import OversightService
from app.services.stats.own_plays import OwnPlays
from app.services.stats.own_statistics import OwnStatisticsService
from app.services.stats.playlists import PlaylistService
from app.services.stats.rebuilds import Rebuilder
from app.services.stats.reconciliation import StatsReconciliationService
from app.services.stats.rescoring import RescoringService, Rules
from app.services.stats.rollups import RollupService
from app.services.stats.scopes import Scopes
from app.services.stats.senders import Senders
from app.services.stats.timeseries import TimeSeriesService
from app.services.stats.tracks import TrackService


class StatsWing:
    """Play events, the buckets made of them, and every answer about both."""

    def __init__(self, settings: Settings, mongo: Mongo, clock: Clock) -> None:
        self._take_events(settings, mongo)
        self._know_tracks(mongo, clock)
        self._answer(mongo, clock)
        self._roll_up(settings, mongo, clock)
        self.personal_data = _personal_data(mongo)

    def _take_events(self, settings: Settings, mongo: Mongo) -> None:
        bots = BotRules(settings.bot_plays_per_minute)
        countries = CountryDatabase(settings.geoip_database) if settings.geoip_database else None
        self.senders = Senders(settings.ip_anonymization, countries)
        self.ingest = IngestService(StatsEventRepository(mongo), bots)
        self._judged = StatsRescoringRepository(mongo)
        rules = Rules(verdict_of_user_agent, bots.too_fast, settings.bot_plays_per_minute)
        self.rescoring = RescoringService(self._judged, rules)

    def _know_tracks(self, mongo: Mongo, clock: Clock) -> None:
        artists, tracks = ArtistRepository(mongo), TrackRepository(mongo)
        own_plays = OwnPlays(self._judged)
        self.artists = ArtistService(artists, own_plays, clock)
        self.tracks = TrackService(tracks, artists, own_plays, clock)
        self.playlists = PlaylistService(
            PlaylistRepository(mongo), PlaylistSubmissionRepository(mongo), tracks, artists, clock
        )
        self.live_listeners = LiveListenerService(tracks, LiveListenerRepository(mongo), clock)

    def _answer(self, mongo: Mongo, clock: Clock) -> None:
        artists, tracks = ArtistRepository(mongo), TrackRepository(mongo)
        moments, scopes = StatsAnalyticsRepository(mongo), Scopes(tracks, artists, tracks)
        self.analytics = AnalyticsService(moments, scopes, clock)
        self.time_series = TimeSeriesService(moments, scopes, clock)
        self.dashboards = DashboardService(moments, artists, tracks, self.playlists, clock)
        self.own_statistics = OwnStatisticsService(artists, self.analytics, self.time_series)
        self.oversight = OversightService(
            StatsDirtRepository(mongo),
            StatsCoverageRepository(mongo),
            StatsBotRepository(mongo),
            CollectionSizes(mongo),
            clock,
        )

    def _roll_up(self, settings: Settings, mongo: Mongo, clock: Clock) -> None:
        tallies, dirt, rollups = StatsTallyRepository(mongo), StatsDirtRepository(mongo), StatsRollupRepository(mongo)
        days = StatsDayRepository(mongo, tallies, dirt, rollups)
        periods, platform = StatsPeriodRepository(mongo, rollups), StatsPlatformRepository(mongo, tallies, rollups)
        coverage = StatsCoverageRepository(mongo)
        maker = BucketMaker(days, periods, platform, rollups, clock)
        rebuilder = Rebuilder(days, periods, coverage, maker)
        self.backfills = BackfillService(
            StatsBackfillRepository(mongo), coverage, rebuilder, LeaseRepository(mongo), clock
        )
        self.rollups = RollupService(days, rollups, platform, dirt, maker, rebuilder, self.backfills, clock)
        self.archive = ArchiveService(
            ArchivableEventRepository(mongo, tallies, dirt),
            ArchivePartRepository(mongo),
            ParquetArchive(settings.archive_location),
            self.rollups,
            LeaseRepository(mongo),
            timedelta(days=settings.raw_event_retention_days),
            clock,
        )
        self.reconciliation = StatsReconciliationService(
            StatsAuditRepository(mongo),
            StatsBucketAuditRepository(mongo, days, periods, platform, rollups, dirt),
            days,
            periods,
            coverage,
            self.rollups,
            clock,
        )

    async def drain(self) -> None:
        """Commit what waits, and take no more."""
        await self.ingest.close()
        await self.backfills.close()


def _personal_data(mongo: Mongo) -> tuple[PersonalData, ...]:
    return personal_data.personal_data(
        events={kind: StatsEventErasureRepository(mongo, kind) for kind in EventType},
        playlists=PersonalRowRepository(mongo, "playlists", "ownerId"),
        submissions=PersonalRowRepository(mongo, "playlist_submissions", "submittedBy"),
        profiles=ArtistProfileErasureRepository(mongo),
    )
