"""The one page that lists everything concrete: what talks to what, and in which order it begins and ends."""

from limits import RateLimitItem

from app.clock import Clock
from app.config import Settings
from app.models.reactions import Reaction
from app.repositories.counter_audit import CounterAuditRepository
from app.repositories.job_runs import JobRunRepository
from app.repositories.leases import LeaseRepository
from app.repositories.migrations import MigrationRepository
from app.repositories.mongo import Mongo
from app.repositories.reactions import ReactionRepository
from app.repositories.song_removals import SongRemovalRepository
from app.repositories.songs import SongRepository
from app.repositories.view_analytics import ViewAnalyticsRepository
from app.repositories.views import ViewRepository
from app.services.copyright_free.announcements import Announcements
from app.services.copyright_free.catalogue import CatalogueService
from app.services.copyright_free.ports import CountsPublisher
from app.services.copyright_free.reactions import ReactionService
from app.services.copyright_free.reconciliation import ReconciliationService
from app.services.copyright_free.song_names import SongNames
from app.services.copyright_free.views import ViewService
from app.services.identity.verifier import TokenVerifier
from app.services.migrations import MigrationService, find_migrations
from app.services.rate_limits import RateLimiter


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
        self.reconciliation = ReconciliationService(CounterAuditRepository(mongo))
        self.job_runs = JobRunRepository(mongo)
        self.migrations = MigrationService(MigrationRepository(mongo), LeaseRepository(mongo), clock, find_migrations())

    async def drain(self) -> None:
        """Commit what waits, and take no more."""
        await self.views.close()
        await self.likes.close()
        await self.bookmarks.close()

    async def close(self) -> None:
        """Commit what waits, then let go of Redis and of the database."""
        await self.drain()
        await self.limiter.close()
        self.mongo.close()
