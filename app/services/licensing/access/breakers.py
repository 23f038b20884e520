"""Keeps calls from a provider that has failed several times in a row, until it may be back."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import HALF_OPENED, OPENED, Context
from purgatory.service._async.circuitbreaker import AsyncCircuitBreaker

from app.metrics import PROVIDER_BREAKER_OPEN, PROVIDER_CALLS_REFUSED
from app.models.licensing.breakers import Breaker, BreakerState
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.services.licensing.errors import ProviderFailed

log = structlog.get_logger(__name__)

FAILURES_IN_A_ROW = 5
OPEN_FOR = timedelta(seconds=10)


class Breakers:
    """One breaker for each provider, of this process.

    It opens after `FAILURES_IN_A_ROW`. After `OPEN_FOR` it lets one call through, and closes if that works.
    """

    def __init__(
        self, counts: Callable[[Exception], bool], failures: int = FAILURES_IN_A_ROW, open_for: timedelta = OPEN_FOR
    ) -> None:
        """`counts` tells which errors are the provider's failure; others show that it answers."""
        self._counts = counts
        self._open_for = open_for
        self._factory = AsyncCircuitBreakerFactory(default_threshold=failures, default_ttl=open_for.total_seconds())
        self._factory.add_listener(_tell)
        self._known: dict[ProviderName, AsyncCircuitBreaker] = {}
        self._trying: set[ProviderName] = set()

    def check(self, setup: ProviderSetup) -> None:
        """Refuse, without asking anybody, what the breaker keeps back.

        Raises:
            ProviderFailed: it is open.
        """
        breaker = self.of(setup.name)
        is_tried = breaker.state is BreakerState.HALF_OPEN and setup.name in self._trying
        if breaker.state is BreakerState.OPEN or is_tried:
            PROVIDER_CALLS_REFUSED.labels(setup.name.value, "breaker").inc()
            message = f"{setup.policy.title} has failed several times in a row and is left alone for a moment"
            raise ProviderFailed(setup.name, message, is_open=True)

    @asynccontextmanager
    async def guard(self, setup: ProviderSetup) -> AsyncIterator[None]:
        """Make a call within this; how it ends is noted. One that is cancelled says nothing about the provider.

        Raises:
            ProviderFailed: it is open.
        """
        self.check(setup)
        breaker = await self._get(setup.name)
        self.check(setup)
        await breaker.__aenter__()
        is_trial = breaker.context.state == HALF_OPENED
        if is_trial:
            self._trying.add(setup.name)
        try:
            yield
        except Exception as error:
            failure = error if self._counts(error) else None
            await breaker.__aexit__(type(failure) if failure else None, failure, None)
            raise
        else:
            await breaker.__aexit__(None, None, None)
        finally:
            if is_trial:
                self._trying.discard(setup.name)

    def of(self, name: ProviderName) -> Breaker:
        """How the breaker of a provider stands."""
        known = self._known.get(name)
        return _shown(known.context) if known is not None else Breaker()

    async def _get(self, name: ProviderName) -> AsyncCircuitBreaker:
        if name not in self._known:
            self._known[name] = await self._factory.get_breaker(name.value)
        return self._known[name]


def _shown(context: Context) -> Breaker:
    if context.state == OPENED and context.opened_at is not None:
        until = context.opened_at + context.ttl
        # It is the next call that half-opens it.
        if time.time() > until:
            return Breaker(BreakerState.HALF_OPEN)
        return Breaker(BreakerState.OPEN, datetime.fromtimestamp(until, UTC))
    return Breaker(BreakerState.HALF_OPEN if context.state == HALF_OPENED else BreakerState.CLOSED)


def _tell(name: str, event: str, changed: object) -> None:
    if event == "state_changed":
        state = getattr(changed, "state", "")
        PROVIDER_BREAKER_OPEN.labels(name).set(state == OPENED)
        log.warning("provider_breaker", provider=name, state=state)
