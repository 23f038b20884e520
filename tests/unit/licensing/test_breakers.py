"""A provider that has failed several times in a row is left alone, and tried again by one call."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from app.models.licensing.breakers import Breaker, BreakerState
from app.models.licensing.provider_calls import CallFault
from app.models.licensing.providers import ProviderName
from app.services.licensing.access.breakers import Breakers
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.providers.outbound_failures import CallFailed, SaidLater, is_failure_of_provider
from tests.licensing.fake_provider import policy, setup

SETUP = setup()
OTHER = setup(policy(ProviderName.JAMENDO))
OPEN_FOR = timedelta(hours=1)


def failed(fault: CallFault = CallFault.SERVER_ERROR) -> CallFailed:
    return CallFailed(SETUP, fault, "has failed")


@pytest.fixture
def breakers() -> Breakers:
    return Breakers(is_failure_of_provider, open_for=OPEN_FOR)


async def call(breakers: Breakers, error: Exception | None = None) -> None:
    async with breakers.guard(SETUP):
        if error is not None:
            raise error


async def fail(breakers: Breakers, times: int) -> None:
    for _ in range(times):
        with pytest.raises(CallFailed):
            await call(breakers, failed())


def rest(breakers: Breakers) -> None:
    """As if it had been open for as long as it is."""
    breakers._known[SETUP.name].context._state.opened_at -= OPEN_FOR.total_seconds() + 1


async def test_it_opens_after_five_failures_in_a_row(breakers: Breakers) -> None:
    await fail(breakers, 4)
    await call(breakers)
    await fail(breakers, 4)
    assert breakers.of(SETUP.name) == Breaker(BreakerState.CLOSED)
    await fail(breakers, 1)
    opened = breakers.of(SETUP.name)
    assert opened.state is BreakerState.OPEN
    assert opened.opens_until is not None
    assert timedelta(0) < opened.opens_until - datetime.now(UTC) <= OPEN_FOR


async def test_an_open_one_refuses_in_under_a_millisecond(breakers: Breakers) -> None:
    await fail(breakers, 5)
    times = []
    for _ in range(50):
        began = time.perf_counter()
        with pytest.raises(ProviderFailed) as refused:
            breakers.check(SETUP)
        times.append(time.perf_counter() - began)
        assert refused.value.is_open
    assert sorted(times)[25] < 0.001
    with pytest.raises(ProviderFailed):
        await call(breakers)


async def test_others_go_on(breakers: Breakers) -> None:
    await fail(breakers, 5)
    async with breakers.guard(OTHER):
        pass
    assert breakers.of(OTHER.name).state is BreakerState.CLOSED


@pytest.mark.parametrize(
    "error",
    [failed(CallFault.CLIENT_ERROR), failed(CallFault.RATE_LIMITED), SaidLater(SETUP, timedelta(seconds=1))],
    ids=["4xx", "429", "later"],
)
async def test_what_we_ask_wrongly_or_too_often_does_not_open_it(breakers: Breakers, error: Exception) -> None:
    for _ in range(9):
        with pytest.raises(type(error)):
            await call(breakers, error)
    assert breakers.of(SETUP.name).state is BreakerState.CLOSED


async def test_one_call_tries_whether_it_is_back(breakers: Breakers) -> None:
    await fail(breakers, 5)
    rest(breakers)
    assert breakers.of(SETUP.name).state is BreakerState.HALF_OPEN
    async with breakers.guard(SETUP):
        # Only one: the others do not wait for a provider that may still be away.
        with pytest.raises(ProviderFailed) as refused:
            breakers.check(SETUP)
        assert refused.value.is_open
    assert breakers.of(SETUP.name).state is BreakerState.CLOSED
    await call(breakers)


async def test_a_try_that_fails_opens_it_again(breakers: Breakers) -> None:
    await fail(breakers, 5)
    rest(breakers)
    await fail(breakers, 1)
    assert breakers.of(SETUP.name).state is BreakerState.OPEN


async def test_a_try_that_is_cancelled_says_nothing(breakers: Breakers) -> None:
    await fail(breakers, 5)
    rest(breakers)
    with pytest.raises(asyncio.CancelledError):
        async with breakers.guard(SETUP):
            raise asyncio.CancelledError
    assert breakers.of(SETUP.name).state is BreakerState.HALF_OPEN
    await call(breakers)
    assert breakers.of(SETUP.name).state is BreakerState.CLOSED


async def test_calls_that_are_cancelled_do_not_open_it(breakers: Breakers) -> None:
    for _ in range(9):
        with pytest.raises(asyncio.CancelledError):
            async with breakers.guard(SETUP):
                raise asyncio.CancelledError
    assert breakers.of(SETUP.name).state is BreakerState.CLOSED
