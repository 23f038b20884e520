"""Everything that a call goes through, over the real ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from app.clock import SystemClock
from app.models.licensing.providers import ProviderName, ProviderSetup, RateLimit
from app.repositories.mongo import Mongo
from app.repositories.provider_calls import ProviderCallRepository
from app.repositories.provider_quotas import ProviderQuotaRepository
from app.services.licensing.access.breakers import Breakers
from app.services.licensing.access.call_statistics import CallStatistics
from app.services.licensing.access.quotas import QuotaService
from app.services.licensing.providers.outbound import HttpOutbound
from app.services.licensing.providers.outbound_exchanges import Exchanges
from app.services.licensing.providers.outbound_failures import is_failure_of_provider
from app.services.licensing.providers.outbound_guard import Resolve, resolve
from tests.integration.licensing.quota_hammer import FixedSetups
from tests.licensing.fake_provider import policy, setup

NAME = ProviderName.SOUNDSTRIPE


@dataclass
class Calling:
    outbound: HttpOutbound
    quotas: QuotaService
    breakers: Breakers
    statistics: CallStatistics

    async def close(self) -> None:
        await self.quotas.close()
        await self.statistics.close()
        await self.outbound.close()


def calling(
    mongo: Mongo,
    *,
    seconds: float = 10,
    private_allowed: bool = True,
    resolve: Resolve = resolve,
    failures: int = 50,
    open_for: timedelta = timedelta(seconds=10),
) -> Calling:
    """With a breaker that does not get in the way, unless a test wants one."""
    clock = SystemClock()
    quotas = QuotaService(
        ProviderQuotaRepository(mongo), FixedSetups(setup_at("")), longest_pause=timedelta(milliseconds=100)
    )
    breakers = Breakers(is_failure_of_provider, failures, open_for)
    statistics = CallStatistics(ProviderCallRepository(mongo), clock)
    exchanges = Exchanges(private_allowed=private_allowed, resolve=resolve, seconds=seconds)
    outbound = HttpOutbound(quotas, breakers, statistics, exchanges, clock, private_allowed=private_allowed)
    return Calling(outbound, quotas, breakers, statistics)


def setup_at(address: str, **limits: int | None) -> ProviderSetup:
    limit = RateLimit(limits.get("minute"), limits.get("hour"), limits.get("day"))
    return replace(setup(policy(title="Sound Stripe")), base_url=address, rate_limit=limit)


def always(*addresses: str) -> Resolve:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return resolve
