"""A process of its own that calls as fast as the quotas let it, and writes down when each of its calls arrived."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path

from app.errors import QuotaExceeded
from app.models.licensing.providers import ProviderName, ProviderSetup, QuotaWindow, RateLimit
from app.repositories.mongo import Mongo
from app.repositories.provider_quotas import ProviderQuotaRepository
from app.services.licensing.access.quotas import QuotaService
from tests.licensing.fake_provider import policy, setup

PER_SECOND = 40


def limited_setup(**limits: int | None) -> ProviderSetup:
    window = QuotaWindow("perSecond", timedelta(seconds=1), PER_SECOND)
    return setup(
        policy(extra_windows=(window,)),
        rate_limit=RateLimit(limits.get("minute"), limits.get("hour"), limits.get("day")),
    )


class FixedSetups:
    """Set-ups that stay as they are, unless a test puts another one in."""

    def __init__(self, *setups: ProviderSetup) -> None:
        self.setups = {one.name: one for one in setups}

    async def get(self, name: ProviderName) -> ProviderSetup:
        return self.setups[name]

    async def all(self) -> list[ProviderSetup]:
        return list(self.setups.values())


def hammer(uri: str, database: str, arrivals: Path, end: Path, all_ready: Barrier) -> None:
    """Begins when all processes are there, which takes long on a busy machine; is over when there is a file `end`.

    An event would have a lock, which one that is killed may hold for ever.
    """
    all_ready.wait(60)
    asyncio.run(_hammer(uri, database, arrivals, end.exists))


async def _hammer(uri: str, database: str, arrivals: Path, is_over: Callable[[], bool]) -> None:
    mongo = Mongo(uri, database)
    limited = limited_setup()
    quotas = QuotaService(ProviderQuotaRepository(mongo), FixedSetups(limited), patience=timedelta(milliseconds=500))
    with arrivals.open("w", buffering=1) as file:

        async def call(number: int) -> None:
            while not is_over():
                with suppress(QuotaExceeded):
                    place = await quotas.reserve(limited, "search", background=number == 0)
                    await asyncio.sleep(random.uniform(0, 0.02))
                    file.write(f"{time.time()}\n")
                    await asyncio.sleep(random.uniform(0, 0.02))
                    quotas.leave(place)

        await asyncio.gather(*(call(number) for number in range(12)))
    await quotas.close()
    mongo.close()
