"""Makes the calls of all adapters: under quota, with retries and a breaker, guarded against hostile answers."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import httpx
import stamina

from app.clock import Clock
from app.errors import DomainError, Unavailable
from app.models.licensing.provider_calls import CallFault
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.services.licensing.access.breakers import Breakers
from app.services.licensing.access.call_statistics import CallStatistics
from app.services.licensing.access.quotas import PATIENCE, QuotaService
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call, Reply
from app.services.licensing.providers.outbound_addresses import address_of, redirected_to
from app.services.licensing.providers.outbound_exchanges import CALL_SECONDS, Exchanges
from app.services.licensing.providers.outbound_failures import (
    CallFailed,
    SaidLater,
    failed_with_status,
)
from app.services.licensing.providers.outbound_guard import CONNECTIONS
from app.services.licensing.providers.outbound_waits import wait_asked_for

ATTEMPTS = 3
MOST_REDIRECTS = 2

_FIRST_GUESS = timedelta(seconds=1)
_LONGEST_GUESS = timedelta(minutes=1)
_MAY_STILL_ARRIVE = {CallFault.TIMEOUT, CallFault.CUT_OFF}


class HttpOutbound:
    """Every attempt has its own place in the quotas, and every redirect as well: each is a call to the provider.

    A provider that says "later" (see `outbound_waits`) is called by no process before.
    """

    def __init__(
        self,
        quotas: QuotaService,
        breakers: Breakers,
        statistics: CallStatistics,
        exchanges: Exchanges,
        clock: Clock,
        *,
        private_allowed: bool,
    ) -> None:
        self._quotas = quotas
        self._breakers = breakers
        self._statistics = statistics
        self._exchanges = exchanges
        self._clock = clock
        self._private_allowed = private_allowed
        self._unsaid: Counter[ProviderName] = Counter()
        self._turns = {name: asyncio.Semaphore(CONNECTIONS) for name in ProviderName}

    async def send(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> Reply:
        """Make the call, at most `ATTEMPTS` times; see `Outbound`.

        Raises:
            QuotaExceeded: no call is free in time, or the provider says so.
            ProviderFailed: it answered with an error, too much, or not at all, also after retries; or its breaker is
                open, which takes no time to say.
            Unavailable: the database is away, so that no quota can be kept.
        """
        self._breakers.check(setup)
        url = address_of(setup, call, private_allowed=self._private_allowed)
        async for attempt in stamina.retry_context(
            _worth_repeating(call, background=background),
            attempts=ATTEMPTS,
            timeout=None if background else CALL_SECONDS,
            wait_initial=0.1,
            wait_max=1.0,
            wait_jitter=0.2,
        ):
            with attempt:
                return await self._follow(setup, call, url, background=background)
        raise AssertionError

    async def close(self) -> None:
        """End all connections."""
        await self._exchanges.close()

    async def _follow(self, setup: ProviderSetup, call: Call, url: httpx.URL, *, background: bool) -> Reply:
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._attempt(setup, call, url, background=background)
            if isinstance(answer, Reply):
                return answer
            url = answer
        raise CallFailed(setup, CallFault.REDIRECT, "redirects again and again")

    async def _attempt(
        self, setup: ProviderSetup, call: Call, url: httpx.URL, *, background: bool
    ) -> Reply | httpx.URL:
        async with (
            self._connected(setup, background=background),
            self._placed(setup, call, background=background) as seconds,
            self._breakers.guard(setup),
        ):
            began = time.perf_counter()
            try:
                answer = await self._exchange(setup, call, url, seconds)
            except (CallFailed, SaidLater) as error:
                self._note(setup, call, error.fault, began)
                raise
            self._note(setup, call, None, began)
            return answer

    @asynccontextmanager
    async def _connected(self, setup: ProviderSetup, *, background: bool) -> AsyncIterator[None]:
        """Within this there is a connection to be had.

        Waiting for one is no fault of the provider, holds no place in its quotas, and takes nothing from the call's
        own time.

        Raises:
            ProviderFailed: others hold all of them for as long as a call may take.
        """
        turns = self._turns[setup.name]
        try:
            async with asyncio.timeout(None if background else CALL_SECONDS):
                await turns.acquire()
        except TimeoutError:
            raise ProviderFailed(setup.name, f"{setup.policy.title} is slow, and too many wait for it") from None
        try:
            yield
        finally:
            turns.release()

    @asynccontextmanager
    async def _placed(self, setup: ProviderSetup, call: Call, *, background: bool) -> AsyncIterator[float]:
        """Within this a call has its place, for so many seconds."""
        if not call.is_counted:
            yield CALL_SECONDS
            return
        place = await self._quotas.reserve(setup, call.kind, background=background)
        try:
            yield place.deadline - asyncio.get_running_loop().time()
        except DomainError as error:
            if not (isinstance(error, CallFailed) and error.fault in _MAY_STILL_ARRIVE):
                self._quotas.leave(place)
            raise
        # A cancelled call may still arrive as well: its place ends by itself.
        self._quotas.leave(place)

    async def _exchange(self, setup: ProviderSetup, call: Call, url: httpx.URL, seconds: float) -> Reply | httpx.URL:
        reply = await self._exchanges.make(setup, call, url, seconds)
        wait = await self._heed(setup, call, reply)
        if _is_done(reply) or reply.status in call.accepts:
            return reply
        if reply.status == httpx.codes.TOO_MANY_REQUESTS:
            raise SaidLater(setup, wait or timedelta(0))
        target = redirected_to(setup, call, url, reply.status, reply.headers.get("location", ""))
        if target is None:
            raise failed_with_status(setup, reply.status, wait)
        return target

    async def _heed(self, setup: ProviderSetup, call: Call, reply: Reply) -> timedelta | None:
        """Leave the provider alone, if it asks for that; with 429 and no time, for longer each time."""
        wait = wait_asked_for(reply.status, httpx.Headers(reply.headers), self._clock.now())
        if reply.status != httpx.codes.TOO_MANY_REQUESTS:
            del self._unsaid[setup.name]
        elif wait is None:
            wait = min(_LONGEST_GUESS, _FIRST_GUESS * 2 ** min(self._unsaid[setup.name], 10))
            self._unsaid[setup.name] += 1
        if wait is not None and not (_is_done(reply) and _is_counted_apart(setup, call)):
            with suppress(Unavailable):
                await self._quotas.block(setup.name, wait)
        return wait

    def _note(self, setup: ProviderSetup, call: Call, fault: CallFault | None, began: float) -> None:
        self._statistics.note(setup.name, call.kind, fault, timedelta(seconds=time.perf_counter() - began))


def _is_done(reply: Reply) -> bool:
    return httpx.codes.is_success(reply.status)


def _is_counted_apart(setup: ProviderSetup, call: Call) -> bool:
    """Whether calls of this kind have a window of their own: when it is used up, others may go on."""
    return any(window.path == call.kind for window in setup.windows)


def _worth_repeating(call: Call, *, background: bool) -> Callable[[Exception], bool | timedelta]:
    """Whether, or after which pause, a call is made again."""
    is_safe = call.method == "GET"

    def again(error: Exception) -> bool | timedelta:
        if isinstance(error, SaidLater):
            # The ledger keeps background calls waiting, and asks meanwhile whether they are still wanted.
            return error.retry_after if error.retry_after < PATIENCE else background and call.is_counted
        if isinstance(error, CallFailed):
            is_soon = background or error.retry_after is None or error.retry_after < PATIENCE
            return is_soon and error.may_be_repeated(is_safe=is_safe)
        return False

    return again
