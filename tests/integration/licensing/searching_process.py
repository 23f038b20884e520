"""A process of its own that searches as much as the quotas let it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.synchronize import Barrier, Event

from app.clock import SystemClock
from app.errors import QuotaExceeded
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.search import SearchFilter
from app.repositories.mongo import Mongo
from app.repositories.provider_calls import ProviderCallRepository
from app.repositories.provider_quotas import ProviderQuotaRepository
from app.services.licensing.access.breakers import Breakers
from app.services.licensing.access.call_statistics import CallStatistics
from app.services.licensing.access.quotas import QuotaService
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.providers.outbound import HttpOutbound
from app.services.licensing.providers.outbound_exchanges import Exchanges
from app.services.licensing.providers.outbound_failures import is_failure_of_provider
from app.services.licensing.providers.registry import POLICIES, build_providers
from tests.integration.licensing.quota_hammer import FixedSetups

CALLERS = 50


def search_together(
    uri: str, database: str, base_url: str, credentials: Mapping[str, str], together: Barrier, over: Event
) -> None:
    """Search until it is over, from the moment on in which all processes are there."""
    together.wait(60)
    asyncio.run(_search_until(uri, database, base_url, credentials, over))


async def _search_until(uri: str, database: str, base_url: str, credentials: Mapping[str, str], over: Event) -> None:
    mongo, clock = Mongo(uri, database), SystemClock()
    policy = POLICIES[ProviderName.SOUNDSTRIPE]
    setup = ProviderSetup(
        policy, enabled=True, base_url=base_url, credentials=credentials, rate_limit=policy.rate_limit
    )
    quotas = QuotaService(ProviderQuotaRepository(mongo), FixedSetups(setup))
    statistics = CallStatistics(ProviderCallRepository(mongo), clock)
    outbound = HttpOutbound(
        quotas,
        Breakers(is_failure_of_provider),
        statistics,
        Exchanges(private_allowed=True),
        clock,
        private_allowed=True,
    )
    provider = build_providers(outbound)[ProviderName.SOUNDSTRIPE]

    async def search(number: int) -> None:
        while not over.is_set():
            # Calls that a slow machine gives up are no matter: the provider counts what arrives, and how it answers.
            with suppress(QuotaExceeded, ProviderFailed):
                await provider.search(setup, SearchFilter(query=f"a{number}"), 1)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(search(number) for number in range(CALLERS)))
    await quotas.close()
    await statistics.close()
    await outbound.close()
    mongo.close()
