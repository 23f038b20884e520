"""Published keys: rotation, and what the issuer and the requests are spared."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from app.errors import Unavailable
from app.services.identity.jwks import JwksKeys, JwksTiming
from tests.unit.identity.forging import OTHER_RSA_KEY, MovableClock, ec_jwk, jwks, rsa_jwk

ALGORITHMS = ("RS256", "ES256")


class Issuer:
    """Counts the fetches, and answers them as told: with a document, with an error, late."""

    def __init__(self, *entries: object) -> None:
        self.document = jwks(*entries)
        self.error: Exception | None = None
        self.fetches = 0
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self) -> bytes:
        self.fetches += 1
        await self.open.wait()
        if self.error is not None:
            raise self.error
        return self.document

    def publish(self, *entries: object) -> None:
        self.document = jwks(*entries)


OLD = rsa_jwk(kid="old")
NEW = rsa_jwk(OTHER_RSA_KEY, kid="new")


@pytest.fixture
def issuer() -> Issuer:
    return Issuer(OLD)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def keys(issuer: Issuer, clock: MovableClock) -> JwksKeys:
    return JwksKeys(issuer, clock, ALGORITHMS)


async def settled(keys: JwksKeys) -> None:
    if keys._fetching is not None:
        await asyncio.wait([keys._fetching])
        assert keys._fetching.exception() is None


async def kid_found(keys: JwksKeys, kid: str | None) -> str | None:
    key = await keys.find(kid, "RS256")
    return key.kid if key else None


async def test_keys_are_fetched_at_the_first_question_and_kept(keys: JwksKeys, issuer: Issuer) -> None:
    assert issuer.fetches == 0
    assert await kid_found(keys, "old") == "old"
    assert await kid_found(keys, "old") == "old"
    assert issuer.fetches == 1


async def test_another_algorithm_asks_nobody(keys: JwksKeys, issuer: Issuer) -> None:
    for algorithm in ("HS256", "none", "RS512", ""):
        assert await keys.find("old", algorithm) is None
    assert issuer.fetches == 0


async def test_a_token_without_a_kid_has_the_only_key(keys: JwksKeys, issuer: Issuer, clock: MovableClock) -> None:
    assert await kid_found(keys, None) == "old"
    issuer.publish(OLD, ec_jwk(kid="other"))
    clock.advance(minutes=10)
    await kid_found(keys, None)
    await settled(keys)
    assert await kid_found(keys, None) is None
    assert issuer.fetches == 2


async def test_rotation_a_new_kid_is_looked_for_at_once(keys: JwksKeys, issuer: Issuer, clock: MovableClock) -> None:
    await kid_found(keys, "old")
    issuer.publish(OLD, NEW)
    clock.advance(seconds=30)
    assert await kid_found(keys, "new") == "new"
    assert await kid_found(keys, "old") == "old"
    assert issuer.fetches == 2


async def test_a_hundred_requests_with_an_unknown_kid_make_one_fetch(
    keys: JwksKeys, issuer: Issuer, clock: MovableClock
) -> None:
    await kid_found(keys, "old")
    clock.advance(seconds=30)
    issuer.publish(NEW)
    issuer.open.clear()
    waiting = [asyncio.create_task(kid_found(keys, "new")) for _ in range(100)]
    await asyncio.sleep(0)
    issuer.open.set()
    assert await asyncio.gather(*waiting) == ["new"] * 100
    assert issuer.fetches == 2


async def test_a_hundred_first_requests_make_one_fetch(keys: JwksKeys, issuer: Issuer) -> None:
    assert await asyncio.gather(*(kid_found(keys, "old") for _ in range(100))) == ["old"] * 100
    assert await asyncio.gather(*(kid_found(keys, f"k{n}") for n in range(100))) == [None] * 100
    assert issuer.fetches == 1


async def test_invented_kids_make_one_fetch_in_thirty_seconds(
    keys: JwksKeys, issuer: Issuer, clock: MovableClock
) -> None:
    await kid_found(keys, "old")
    for second in range(1, 301):
        clock.advance(seconds=1)
        assert await kid_found(keys, f"invented-{second}") is None
    assert issuer.fetches == 1 + 10


async def test_a_kid_that_does_not_exist_is_remembered_for_two_minutes(
    keys: JwksKeys, issuer: Issuer, clock: MovableClock
) -> None:
    await kid_found(keys, "old")
    clock.advance(seconds=30)
    assert await kid_found(keys, "gone") is None
    for _ in range(119):
        clock.advance(seconds=1)
        assert await kid_found(keys, "gone") is None
    assert issuer.fetches == 2
    clock.advance(seconds=2)
    await kid_found(keys, "gone")
    assert issuer.fetches == 3


async def test_a_remembered_kid_is_found_as_soon_as_it_is_published(
    keys: JwksKeys, issuer: Issuer, clock: MovableClock
) -> None:
    await kid_found(keys, "old")
    clock.advance(seconds=30)
    await kid_found(keys, "new")
    issuer.publish(NEW)
    clock.advance(seconds=30)
    await kid_found(keys, "another")
    assert await kid_found(keys, "new") == "new"


async def test_what_is_remembered_is_bounded(issuer: Issuer, clock: MovableClock) -> None:
    keys = JwksKeys(issuer, clock, ALGORITHMS, JwksTiming(between_fetches=timedelta(0)))
    for invented in range(1100):
        await kid_found(keys, f"invented-{invented}")
    assert len(keys._absent) == 1000


async def test_a_failed_fetch_does_not_make_a_kid_absent(keys: JwksKeys, issuer: Issuer, clock: MovableClock) -> None:
    await kid_found(keys, "old")
    issuer.error = OSError()
    clock.advance(seconds=30)
    assert await kid_found(keys, "new") is None
    issuer.error = None
    issuer.publish(OLD, NEW)
    clock.advance(seconds=30)
    assert await kid_found(keys, "new") == "new"


async def test_old_keys_serve_while_a_slow_issuer_is_asked(keys: JwksKeys, issuer: Issuer, clock: MovableClock) -> None:
    await kid_found(keys, "old")
    issuer.open.clear()
    clock.advance(minutes=10)
    async with asyncio.timeout(30):
        for _ in range(5):
            assert await kid_found(keys, "old") == "old"
            await asyncio.sleep(0)
    assert issuer.fetches == 2
    issuer.open.set()
    await settled(keys)


async def test_a_withdrawn_key_is_refused_from_the_next_fetch_on(
    keys: JwksKeys, issuer: Issuer, clock: MovableClock
) -> None:
    await kid_found(keys, "old")
    issuer.publish(NEW)
    clock.advance(minutes=10)
    await kid_found(keys, "old")
    await settled(keys)
    assert await kid_found(keys, "old") is None
    assert await kid_found(keys, "new") == "new"


async def test_keys_are_not_fetched_before_ten_minutes(keys: JwksKeys, issuer: Issuer, clock: MovableClock) -> None:
    await kid_found(keys, "old")
    clock.advance(minutes=10, milliseconds=-1)
    await kid_found(keys, "old")
    await settled(keys)
    assert issuer.fetches == 1


BROKEN: list[Callable[[Issuer], object]] = [
    lambda issuer: setattr(issuer, "error", OSError()),
    lambda issuer: setattr(issuer, "error", RuntimeError()),
    lambda issuer: setattr(issuer, "document", b"<html>"),
]


@pytest.mark.parametrize("break_it", BROKEN)
async def test_keys_outlive_a_broken_issuer_for_a_day(
    keys: JwksKeys, issuer: Issuer, clock: MovableClock, break_it: Callable[[Issuer], object]
) -> None:
    await kid_found(keys, "old")
    break_it(issuer)
    for _ in range(95):
        clock.advance(minutes=15)
        assert await kid_found(keys, "old") == "old"
        await settled(keys)
    clock.advance(minutes=15)
    with pytest.raises(Unavailable):
        await kid_found(keys, "old")
    assert issuer.fetches == 1 + 96


async def test_an_issuer_that_is_back_after_a_day(keys: JwksKeys, issuer: Issuer, clock: MovableClock) -> None:
    await kid_found(keys, "old")
    issuer.publish(NEW)
    clock.advance(hours=24)
    assert await kid_found(keys, "old") is None
    assert await kid_found(keys, "new") == "new"


async def test_without_keys_nobody_can_be_believed(keys: JwksKeys, issuer: Issuer, clock: MovableClock) -> None:
    issuer.error = OSError()
    for _ in range(100):
        with pytest.raises(Unavailable) as caught:
            await kid_found(keys, "old")
    assert caught.value.retry_after == timedelta(seconds=5)
    assert issuer.fetches == 1
    issuer.error = None
    clock.advance(seconds=5)
    assert await kid_found(keys, "old") == "old"


async def test_a_broken_refresh_is_tried_again_after_thirty_seconds(
    keys: JwksKeys, issuer: Issuer, clock: MovableClock
) -> None:
    await kid_found(keys, "old")
    issuer.error = OSError()
    clock.advance(minutes=10)
    for _ in range(60):
        await kid_found(keys, "old")
        await settled(keys)
        clock.advance(seconds=1)
    assert issuer.fetches == 1 + 2


async def test_a_fetch_that_never_ends_is_ended(issuer: Issuer, clock: MovableClock) -> None:
    issuer.open.clear()
    keys = JwksKeys(issuer, clock, ALGORITHMS, JwksTiming(deadline=timedelta(milliseconds=5)))
    with pytest.raises(Unavailable):
        await kid_found(keys, "old")


async def test_a_waiter_that_goes_away_leaves_the_fetch_to_the_others(keys: JwksKeys, issuer: Issuer) -> None:
    issuer.open.clear()
    first, second = (asyncio.create_task(kid_found(keys, "old")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    issuer.open.set()
    assert await second == "old"
    assert issuer.fetches == 1


async def test_closing_ends_a_fetch_and_frees_who_waits(keys: JwksKeys, issuer: Issuer) -> None:
    await keys.aclose()
    issuer.open.clear()
    waiting = asyncio.create_task(kid_found(keys, "old"))
    await asyncio.sleep(0)
    async with asyncio.timeout(30):
        await keys.aclose()
        with pytest.raises(Unavailable):
            await waiting


async def test_an_issuer_that_withdrew_everything_is_believed(
    keys: JwksKeys, issuer: Issuer, clock: MovableClock
) -> None:
    await kid_found(keys, "old")
    issuer.publish()
    clock.advance(minutes=10)
    await kid_found(keys, "old")
    await settled(keys)
    assert await kid_found(keys, "old") is None
