"""The whole house: the ground floor, and the wings that stand on it."""

from limits import RateLimitItem

from app.clock import Clock
from app.config import Settings
from app.container.copyright_free import CopyrightFreeWing
from app.container.episodes import EpisodesWing
from app.container.licensing import LicensingWing
from app.container.stats import StatsWing
from app.repositories.job_runs import JobRunRepository
from app.repositories.leases import LeaseRepository
from app.repositories.migrations import MigrationRepository
from app.repositories.mongo import Mongo
from app.services.copyright_free.ports import CountsPublisher
from app.services.identity.verifier import TokenVerifier
from app.services.migrations import MigrationService, find_migrations
from app.services.privacy import PrivacyService
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
        self.stats_limit: RateLimitItem = settings.stats_limit
        self.job_runs = JobRunRepository(mongo)
        self.migrations = MigrationService(MigrationRepository(mongo), LeaseRepository(mongo), clock, find_migrations())

        self.copyright_free = CopyrightFreeWing(mongo, publisher, clock)
        self.stats = StatsWing(settings, mongo, clock)
        self.licensing = LicensingWing(settings, mongo, clock)
        self.episodes = EpisodesWing(settings, mongo, clock)
        # In the order in which they are shown to whom they are about.
        wings = (self.copyright_free, self.stats, self.licensing, self.episodes)
        self.privacy = PrivacyService([part for wing in wings for part in wing.personal_data], clock)

    async def drain(self) -> None:
        """Commit what waits, and take no more."""
        await self.copyright_free.drain()
        await self.stats.drain()
        await self.licensing.drain()
        await self.episodes.drain()

    async def close(self) -> None:
        """Commit what waits, then let go of Redis and of the database."""
        await self.drain()
        await self.limiter.close()
        self.mongo.close()
