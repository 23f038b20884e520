"""The measuring half of the episodes wing over a real database, at a time of the test's choosing."""

from datetime import datetime, timedelta

from app.errors import NotFound
from app.models.episodes.metrics import Metrics, Scope, ScopeKind
from app.repositories.episode_bucket_documents import bucket_id
from app.repositories.episode_dirt import EpisodeDirtRepository
from app.repositories.episode_metrics import EpisodeMetricsRepository
from app.repositories.episode_rollups import EpisodeRollupRepository
from app.repositories.episode_tallies import EpisodeTallyRepository
from app.repositories.episode_watched_days import WatchedDayRepository
from app.repositories.mongo import Mongo
from app.services.episodes.metrics import MetricsService
from app.services.episodes.retention import RetentionService
from app.services.episodes.rollups import EpisodeRollupService
from tests.integration.episodes.views_made import NOW, TODAY, Row, duration_of, season_of


class SetClock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class MadePlaces:
    """Every id up to 100 there is, under the tenant and the show that made views say."""

    async def scope(self, tenant: str, kind: ScopeKind, scope_id: int) -> Scope:
        show = _show(kind.value, scope_id)
        if tenant != f"tenant-{show}":
            raise NotFound("There is no such thing")
        season = {"episode": season_of(scope_id), "season": scope_id, "show": None}[kind.value]
        return Scope(kind, scope_id, tenant, show, season)

    async def duration(self, tenant: str, episode: int) -> int:
        await self.scope(tenant, ScopeKind.EPISODE, episode)
        return duration_of(episode)


class MetricsHouse:
    def __init__(self, mongo: Mongo, views_at_once: int = 50_000) -> None:
        self.mongo = mongo
        self.clock = SetClock()
        tallies, self.dirt = EpisodeTallyRepository(mongo), EpisodeDirtRepository(mongo)
        self.buckets = EpisodeRollupRepository(mongo, tallies, self.dirt, views_at_once)
        self.reader, self.places = EpisodeMetricsRepository(mongo, tallies, self.dirt), MadePlaces()
        self.metrics = MetricsService(self.places, self.reader, self.clock)
        self.retention = RetentionService(self.places, self.reader)
        self.watched = WatchedDayRepository(mongo)
        self.seconds = 0.0
        self.rollups = EpisodeRollupService(self.dirt, self.buckets, self.watched, self.clock, self._seconds)

    async def of(self, kind: str, scope_id: int, days: int = 30) -> Metrics:
        first = TODAY - timedelta(days=days - 1)
        return await self.metrics.of(f"tenant-{_show(kind, scope_id)}", ScopeKind(kind), scope_id, first, TODAY)

    def _seconds(self) -> float:
        """Each look at it takes a second."""
        self.seconds += 1
        return self.seconds

    async def bucket(self, kind: str, scope_id: int, day: str) -> Row | None:
        return await self.mongo.db["episode_buckets"].find_one({"_id": bucket_id(ScopeKind(kind), scope_id, day)})

    async def is_clean(self) -> bool:
        dirty = await self.mongo.db["episode_views"].count_documents({"dirty": True})
        return dirty + await self.mongo.db["episode_dirty_days"].count_documents({}) == 0


def _show(kind: str, scope_id: int) -> int:
    return 1 + (scope_id - 1) // {"episode": 9, "season": 3, "show": 1}[kind]
