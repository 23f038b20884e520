"""The episodes wing: everything concrete of it."""

from app.clock import Clock
from app.config import Settings
from app.repositories.episode_catalogue import EpisodeRepository, SeasonRepository, ShowRepository
from app.repositories.episode_erasure import EpisodeViewErasureRepository, EpisodeViewerErasureRepository
from app.repositories.episode_families import EpisodeFamilyRepository
from app.repositories.episode_places import EpisodePlaceRepository
from app.repositories.episode_sequences import SequenceRepository
from app.repositories.episode_view_closing import EpisodeViewClosingRepository
from app.repositories.episode_view_starts import EpisodeViewStartRepository
from app.repositories.episode_views import EpisodeViewRepository
from app.repositories.mongo import Mongo
from app.repositories.playback_keys import PlaybackKeyRepository
from app.services.episodes import personal_data
from app.services.episodes.catalogue import EpisodeService, SeasonService, ShowService
from app.services.episodes.closing import ClosingService
from app.services.episodes.playback import PlaybackService
from app.services.episodes.playback_tokens import PlaybackTokens
from app.services.episodes.watching import WatchingService

# Ids of views are reserved by the thousand, so that a start does not wait for its number.
_VIEW_IDS_AT_ONCE = 1_000


class EpisodesWing:
    """What a tenant shows, and how long it is watched."""

    def __init__(self, settings: Settings, mongo: Mongo, clock: Clock) -> None:
        self.heartbeat_limit = settings.heartbeat_limit
        self._add_catalogue(mongo, clock)
        self._add_watching(mongo, clock)

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

    async def drain(self) -> None:
        """Commit what waits, and take no more."""
        await self.watching.close()
