"""The services over a database, and the exact rollup of everything that was put there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from app.clock import Clock
from app.config import Settings
from app.container import Container
from app.models.songs import SongCounts
from app.models.stats.periods import Interval
from app.repositories.mongo import Mongo
from app.services.identity.factory import build_verifier
from app.services.identity.secrets import token_secret

_PATIENCE = timedelta(hours=1)


class _Nobody:
    """Hears of new counts, and tells nobody."""

    def publish(self, counts: SongCounts) -> None:
        """Nothing."""


@asynccontextmanager
async def opened(settings: Settings, uri: str, clock: Clock) -> AsyncIterator[Container]:
    """All services, by the time of this clock; operations may take an hour."""
    mongo = Mongo(uri, settings.mongodb_database, timeout=_PATIENCE)
    house = Container(settings, mongo, build_verifier(settings, clock, token_secret(settings)), _Nobody(), clock)
    try:
        yield house
    finally:
        await house.close()


async def roll_up(house: Container) -> None:
    """Roll up all that there is, with exact listeners, as the jobs of some days would; and the hours of past days."""
    await house.stats.rollups.run(exact=True)
    # Days from before the first rollup are done in the background.
    await house.stats.backfills.idle()
    await house.stats.rollups.close()


async def rebuild(house: Container, interval: Interval) -> None:
    """Make all buckets of these days anew, with exact listeners."""
    await house.stats.rollups.rebuild(interval)
