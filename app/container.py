"""The one page that lists everything concrete: what talks to what, and in which order it begins and ends."""

from datetime import timedelta

from limits import RateLimitItem

from app.clock import Clock
from app.config import Settings
from app.models.reactions import Reaction
from app.models.stats.events import EventType
from app.repositories.artists import ArtistRepository
from app.repositories.copyright_free_erasure import SongRowErasureRepository
from app.repositories.counter_audit import CounterAuditRepository
from app.repositories.job_runs import JobRunRepository
from app.repositories.leases import LeaseRepository
from app.repositories.live_listeners import LiveListenerRepository
from app.repositories.migrations import MigrationRepository
from app.repositories.mongo import Mongo
from app.repositories.personal_rows import PersonalRowRepository
from app.repositories.playlist_submissions import PlaylistSubmissionRepository
from app.repositories.playlists import PlaylistRepository
from app.repositories.reactions import ReactionRepository
from app.repositories.song_removals import SongRemovalRepository
from app.repositories.songs import SongRepository
from app.repositories.stats_analytics import StatsAnalyticsRepository
from app.repositories.stats_archivable import ArchivableEventRepository
from app.repositories.stats_archive_parts import ArchivePartRepository
from app.repositories.stats_audit import StatsAuditRepository
from app.repositories.stats_backfills import StatsBackfillRepository
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
from app.repositories.view_analytics import ViewAnalyticsRepository
from app.repositories.views import ViewRepository
from app.services.copyright_free import personal_data as copyright_free_data
from app.services.copyright_free.announcements import Announcements
from app.services.copyright_free.catalogue import CatalogueService
from app.services.copyright_free.ports import CountsPublisher
from app.services.copyright_free.reactions import ReactionService
from app.services.copyright_free.reconciliation import ReconciliationService
from app.services.copyright_free.song_names import SongNames
from app.services.copyright_free.views import ViewService
from app.services.identity.verifier import TokenVerifier
from app.services.migrations import MigrationService, find_migrations
from app.services.privacy import PersonalData, PrivacyService
from app.services.rate_limits import RateLimiter
from app.services.stats import personal_data as stats_data
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
from app.services.stats.own_plays import OwnPlays
from app.services.stats.playlists import PlaylistService
from app.services.stats.rebuilds import Rebuilder
from app.services.stats.reconciliation import StatsReconciliationService
from app.services.stats.rescoring import RescoringService, Rules
from app.services.stats.rollups import RollupService
from app.services.stats.scopes import Scopes
from app.services.stats.senders import Senders
from app.services.stats.timeseries import TimeSeriesService
from app.services.stats.tracks import TrackService


class Container:
    """Every service of one process.

    What reaches outside this process is an argument: the database, who verifies tokens, who hears of new counts, and
    what time it is.
    """

    def __init__(
        self, settings: Settings, mongo: Mongo, verifier: TokenVerifier, publisher: CountsPublisher, clock: Clock
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.mongo = mongo
        self.verifier = verifier

        redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
        self.limiter = RateLimiter(redis_url, name=settings.mongodb_database, enabled=settings.rate_limit_enabled)
        self.view_limit: RateLimitItem = settings.view_limit
        self.stats_limit: RateLimitItem = settings.stats_limit

        songs = SongRepository(mongo)
        views = ViewRepository(mongo)
        likes = ReactionRepository(mongo, Reaction.LIKE)
        bookmarks = ReactionRepository(mongo, Reaction.BOOKMARK)
        names = SongNames(songs)
        announcements = Announcements(publisher)

        self.views = ViewService(songs, names, views, announcements, clock)
        self.likes = ReactionService(Reaction.LIKE, names, likes, announcements, clock)
        self.bookmarks = ReactionService(Reaction.BOOKMARK, names, bookmarks, announcements, clock)
        self.catalogue = CatalogueService(
            songs, SongRemovalRepository(mongo), views, likes, bookmarks, ViewAnalyticsRepository(mongo), clock
        )
        self.bots = BotRules(settings.bot_plays_per_minute)
        countries = CountryDatabase(settings.geoip_database) if settings.geoip_database else None
        self.senders = Senders(settings.ip_anonymization, countries)
        self.ingest = IngestService(StatsEventRepository(mongo), self.bots)
        artists, tracks = ArtistRepository(mongo), TrackRepository(mongo)
        judged = StatsRescoringRepository(mongo)
        rules = Rules(verdict_of_user_agent, self.bots.too_fast, settings.bot_plays_per_minute)
        self.rescoring = RescoringService(judged, rules)
        own_plays = OwnPlays(judged)
        self.artists = ArtistService(artists, own_plays, clock)
        self.tracks = TrackService(tracks, artists, own_plays, clock)
        self.playlists = PlaylistService(
            PlaylistRepository(mongo), PlaylistSubmissionRepository(mongo), tracks, artists, clock
        )
        moments, scopes = StatsAnalyticsRepository(mongo), Scopes(tracks, artists, tracks)
        self.analytics = AnalyticsService(moments, scopes, clock)
        self.time_series = TimeSeriesService(moments, scopes, clock)
        self.dashboards = DashboardService(moments, artists, tracks, self.playlists, clock)
        self.live_listeners = LiveListenerService(tracks, LiveListenerRepository(mongo), clock)
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
        self.stats_reconciliation = StatsReconciliationService(
            StatsAuditRepository(mongo),
            StatsBucketAuditRepository(mongo, days, periods, platform, rollups, dirt),
            days,
            periods,
            coverage,
            self.rollups,
            clock,
        )
        self.reconciliation = ReconciliationService(CounterAuditRepository(mongo))
        self.privacy = PrivacyService(_personal_data(mongo, announcements), clock)
        self.job_runs = JobRunRepository(mongo)
        self.migrations = MigrationService(MigrationRepository(mongo), LeaseRepository(mongo), clock, find_migrations())

    async def drain(self) -> None:
        """Commit what waits, and take no more."""
        await self.views.close()
        await self.likes.close()
        await self.bookmarks.close()
        await self.ingest.close()
        await self.backfills.close()

    async def close(self) -> None:
        """Commit what waits, then let go of Redis and of the database."""
        await self.drain()
        await self.limiter.close()
        self.mongo.close()


def _personal_data(mongo: Mongo, announcements: Announcements) -> tuple[PersonalData, ...]:
    """What each wing stores about people, in the order in which it is shown to them."""
    return (
        *copyright_free_data.personal_data(
            views=SongRowErasureRepository(mongo, "views", "viewCount"),
            likes=SongRowErasureRepository(mongo, "likes", "likeCount"),
            bookmarks=SongRowErasureRepository(mongo, "bookmarks", "bookmarkCount"),
            announcements=announcements,
        ),
        *stats_data.personal_data(
            events={kind: StatsEventErasureRepository(mongo, kind) for kind in EventType},
            playlists=PersonalRowRepository(mongo, "playlists", "ownerId"),
            submissions=PersonalRowRepository(mongo, "playlist_submissions", "submittedBy"),
            profiles=ArtistProfileErasureRepository(mongo),
        ),
    )
