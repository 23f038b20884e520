"""The episodes wing: everything concrete of it."""

from app.clock import Clock
from app.config import Settings
from app.repositories.episode_audience_audit import AudienceAuditRepository
from app.repositories.episode_bucket_audit import EpisodeBucketAuditRepository
from app.repositories.episode_catalogue import EpisodeRepository, SeasonRepository, ShowRepository
from app.repositories.episode_dirt import EpisodeDirtRepository
from app.repositories.episode_erasure import EpisodeViewErasureRepository, EpisodeViewerErasureRepository
from app.repositories.episode_families import EpisodeFamilyRepository
from app.repositories.episode_live_viewers import LiveViewerRepository
from app.repositories.episode_metrics import EpisodeMetricsRepository
from app.repositories.episode_places import EpisodePlaceRepository
from app.repositories.episode_rollups import EpisodeRollupRepository
from app.repositories.episode_scopes import EpisodeScopeRepository
from app.repositories.episode_sequences import SequenceRepository
from app.repositories.episode_tallies import EpisodeTallyRepository
from app.repositories.episode_view_closing import EpisodeViewClosingRepository
from app.repositories.episode_view_starts import EpisodeViewStartRepository
from app.repositories.episode_views import EpisodeViewRepository
from app.repositories.episode_watched_days import WatchedDayRepository
from app.repositories.mongo import Mongo
from app.repositories.playback_keys import PlaybackKeyRepository
from app.services.episodes import personal_data
from app.services.episodes.catalogue import EpisodeService, SeasonService, ShowService
from app.services.episodes.closing import ClosingService
from app.services.episodes.live_viewers import LiveViewerService
from app.services.episodes.metrics import MetricsService
from app.services.episodes.playback import PlaybackService
from app.services.episodes.playback_tokens import PlaybackTokens
from app.services.episodes.reconciliation import EpisodeReconciliationService
from app.services.episodes.retention import RetentionService
from app.services.episodes.rollups import EpisodeRollupService
from app.services.episodes.watching import WatchingService

# Ids of views are reserved by the thousand, so that a start does not wait for its number.
_VIEW_IDS_AT_ONCE = 1_000


class EpisodesWing:
    """What a tenant shows, and how long it is watched."""

    def __init__(self, settings: Settings, mongo: Mongo, clock: Clock) -> None:
        self.heartbeat_limit = settings.heartbeat_limit
        self._add_catalogue(mongo, clock)
        self._add_watching(mongo, clock)
        self._add_metrics(mongo, clock)

    def _add_catalogue(self, mongo: Mongo, clock: Clock) -> None:
        families = EpisodeFamilyRepository(mongo)
        self.shows = ShowService(ShowRepository(mongo), families, SequenceRepository(mongo, "shows"), clock)
        self.seasons = SeasonService(SeasonRepository(mongo), families, SequenceRepository(mongo, "seasons"), clock)
        self.episodes = EpisodeService(EpisodeRepository(mongo), families, SequenceRepository(mongo, "episodes"), clock)

    def _add_watching(self, mongo: Mongo, clock: Clock) -> None:
        places = EpisodePlaceRepository(mongo)
        tokens = PlaybackTokens(PlaybackKeyRepository(mongo), clock)
        ids = SequenceRepository(mongo, "views", _VIEW_IDS_AT_ONCE)
        self.playback = PlaybackService(places, tokens)
        self.watching = WatchingService(
            places, tokens, ids, EpisodeViewStartRepository(mongo), EpisodeViewRepository(mongo), clock
        )
        self.closing = ClosingService(EpisodeViewClosingRepository(mongo), clock)
        self.personal_data = personal_data.personal_data(
            views=EpisodeViewErasureRepository(mongo), viewers=EpisodeViewerErasureRepository(mongo)
        )

    def _add_metrics(self, mongo: Mongo, clock: Clock) -> None:
        scopes, watched = EpisodeScopeRepository(mongo), WatchedDayRepository(mongo)
        tallies, dirt = EpisodeTallyRepository(mongo), EpisodeDirtRepository(mongo)
        reader, buckets = EpisodeMetricsRepository(mongo, tallies, dirt), EpisodeRollupRepository(mongo, tallies, dirt)
        self.metrics = MetricsService(scopes, reader, clock)
        self.retention = RetentionService(scopes, reader)
        self.live_viewers = LiveViewerService(scopes, LiveViewerRepository(mongo), clock)
        self.rollups = EpisodeRollupService(dirt, buckets, watched, clock)
        self.reconciliation = EpisodeReconciliationService(
            AudienceAuditRepository(mongo),
            EpisodeBucketAuditRepository(mongo, buckets, watched, dirt),
            watched,
            self.rollups,
        )

    async def drain(self) -> None:
        """Commit what waits, and take no more."""
        await self.watching.close()
