"""The limiter over a real Redis, and what it does while Redis is away."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from limits import parse
from redis.asyncio import Redis

from app.services.rate_limits import RateLimiter, Verdict
from app.services.rate_limits.limiter import _REDIS_AT_ONCE
from tests.redis_server import RedisServer

LIMIT = parse("50/minute")


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    server = RedisServer()
    server.start()
    yield server
    server.kill()


async def test_processes_that_share_a_redis_share_the_count(redis: RedisServer) -> None:
    # The patience of minutes: on a machine too busy to answer, each would rightly count for itself.
    limiters = [RateLimiter(redis.url, patience=120.0) for _ in range(4)]
    began = time.monotonic()
    verdicts = await asyncio.gather(*(limiters[turn % 4].hit(LIMIT, "view", "ann") for turn in range(200)))
    assert sum(verdict.is_allowed for verdict in verdicts if verdict) == 50
    refused = await limiters[0].hit(LIMIT, "view", "ann")
    assert refused is not None
    assert refused.allowance.remaining == 0
    # The first hit leaves the window a minute after it came.
    assert 59 - (time.monotonic() - began) < refused.allowance.reset_after.total_seconds() <= 60
    other = await limiters[1].hit(LIMIT, "view", "bob")
    assert other is not None
    assert other.is_allowed
    for limiter in limiters:
        await limiter.close()


async def test_without_redis_each_counts_for_itself_and_it_comes_back(redis: RedisServer) -> None:
    shift = 0.0

    def now() -> float:
        return time.time() + shift

    limiter = RateLimiter(redis.url, patience=120.0, now=now)
    await limiter.hit(LIMIT, "view", "ann")
    redis.kill()
    verdicts = [await limiter.hit(LIMIT, "view", "ann") for _ in range(60)]
    assert sum(verdict.is_allowed for verdict in verdicts if verdict) == 50
    redis.start()
    shift = 6.0
    back = await limiter.hit(LIMIT, "view", "ann")
    assert back is not None
    assert back.allowance.remaining == 49
    await limiter.close()


async def test_switched_off_it_counts_nothing() -> None:
    assert await RateLimiter(enabled=False).hit(LIMIT, "view", "ann") is None


async def test_a_crowd_waits_for_connections_and_opens_few(redis: RedisServer) -> None:
    limiter = RateLimiter(redis.url, patience=120.0)
    verdicts = await asyncio.gather(*(limiter.hit(LIMIT, "view", f"user-{number}") for number in range(300)))
    assert all(verdict is not None and verdict.allowance.remaining == 49 for verdict in verdicts)
    async with Redis.from_url(redis.url) as client:
        # One of them asks.
        assert 2 <= len(await client.client_list()) <= 17
    await limiter.close()


async def test_a_crowd_before_a_frozen_redis_waits_once_and_not_one_after_another(redis: RedisServer) -> None:
    limiter = RateLimiter(redis.url, patience=1.0)
    await limiter.hit(LIMIT, "view", "bob")
    redis.freeze()
    began = time.monotonic()
    verdicts = await asyncio.gather(*(limiter.hit(LIMIT, "view", "ann") for _ in range(400)))
    # 25 turns of 16 would take 25 seconds.
    assert time.monotonic() - began < 12
    assert sum(verdict.is_allowed for verdict in verdicts if verdict) == 50
    await limiter.close()


def _let_the_first_take_long(limiter: RateLimiter, seconds: float) -> None:
    """As many as ask at once: everybody else waits for them."""
    ask, ahead = limiter._ask, _REDIS_AT_ONCE

    async def slowly(*hit: Any) -> Verdict:
        nonlocal ahead
        ahead -= 1
        if ahead >= 0:
            await asyncio.sleep(seconds)
        return await ask(*hit)

    limiter._ask = slowly  # type: ignore[method-assign]


async def test_who_waits_long_for_a_turn_still_counts_with_the_others(redis: RedisServer) -> None:
    limiters = [RateLimiter(redis.url, patience=3.0) for _ in range(2)]
    for limiter in limiters:
        _let_the_first_take_long(limiter, 3.5)
    verdicts = await asyncio.gather(*(limiters[turn % 2].hit(LIMIT, "view", "ann") for turn in range(200)))
    assert sum(verdict.is_allowed for verdict in verdicts if verdict) == 50
    for limiter in limiters:
        await limiter.close()
