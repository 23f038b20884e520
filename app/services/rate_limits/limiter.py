"""Counts hits against a limit, in Redis when there is one, and in memory while that is away."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from limits import RateLimitItem
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from app.errors import Allowance
from app.metrics import RATE_LIMITED
from app.services.rate_limits.memory import MemoryWindows

log = structlog.get_logger(__name__)

_REDIS_PAUSE_SECONDS = 5.0
_REDIS_PATIENCE_SECONDS = 2.0
# A burst of callers waits for its turn rather than opening a connection each: a hundred handshakes at once take longer
# than the patience, and the limiter would take a busy Redis for one that is away.
_REDIS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a hit is allowed, and what is left."""

    is_allowed: bool
    allowance: Allowance


class RateLimiter:
    """Moving windows: in no stretch of the window's length are there more hits than the limit.

    Processes that share a Redis and a `name` (the database) share the count. While Redis is away each counts for
    itself, which is looser but keeps the service up; Redis is tried again after a pause. It counts as away when it
    has not answered within the `patience`, in seconds.
    """

    def __init__(
        self,
        redis_url: str | None = None,
        *,
        name: str = "playledger",
        enabled: bool = True,
        patience: float = _REDIS_PATIENCE_SECONDS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._enabled = enabled
        self._now = now
        self._memory = MemoryWindows(now)
        self._pool = _connections(redis_url, patience) if redis_url else None
        self._redis = _redis_windows(redis_url, name, self._pool) if redis_url else None
        self._redis_back_at = 0.0
        self._turns = asyncio.Semaphore(_REDIS_AT_ONCE)

    async def hit(self, limit: RateLimitItem, name: str, who: str) -> Verdict | None:
        """Count one hit of `who` against the limit called `name`; `None` when limits are switched off."""
        if not self._enabled:
            return None
        verdict = await self._hit(limit, name, who)
        if not verdict.is_allowed:
            RATE_LIMITED.labels(name).inc()
        return verdict

    async def close(self) -> None:
        """End the connections to Redis."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def _hit(self, limit: RateLimitItem, name: str, who: str) -> Verdict:
        if self._redis is not None and (verdict := await self._in_turn(self._redis, limit, name, who)):
            return verdict
        standing = self._memory.hit(limit.key_for(name, who), limit.amount, limit.get_expiry())
        return self._verdict(limit, standing.is_allowed, standing.hits, standing.oldest + limit.get_expiry())

    async def _in_turn(
        self, windows: MovingWindowRateLimiter, limit: RateLimitItem, name: str, who: str
    ) -> Verdict | None:
        """What Redis says; `None` while it is away. To wait for others is not its fault, however long it takes."""
        if self._now() < self._redis_back_at:
            return None
        async with self._turns:
            # Somebody in front may have found it gone.
            if self._now() < self._redis_back_at:
                return None
            try:
                return await self._ask(windows, limit, name, who)
            except StorageError as error:
                self._redis_back_at = self._now() + _REDIS_PAUSE_SECONDS
                log.warning("rate_limit_redis_away", error=type(error.storage_error).__name__)
                return None

    async def _ask(self, windows: MovingWindowRateLimiter, limit: RateLimitItem, name: str, who: str) -> Verdict:
        is_allowed = await windows.hit(limit, name, who)
        state = await windows.get_window_stats(limit, name, who)
        return self._verdict(limit, is_allowed, limit.amount - state.remaining, state.reset_time)

    def _verdict(self, limit: RateLimitItem, is_allowed: bool, count: int, reset_at: float) -> Verdict:
        reset = timedelta(seconds=max(0.0, reset_at - self._now()))
        window = timedelta(seconds=limit.get_expiry())
        return Verdict(is_allowed, Allowance(limit.amount, max(0, limit.amount - count), reset, window))


def _connections(url: str, patience: float) -> ConnectionPool:
    pool: ConnectionPool = ConnectionPool.from_url(url, socket_timeout=patience, socket_connect_timeout=patience)
    return pool


def _redis_windows(url: str, name: str, pool: ConnectionPool | None) -> MovingWindowRateLimiter:
    storage = RedisStorage(
        f"async+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix=f"playledger:limits:{name}",
        connection_pool=pool,  # type: ignore[arg-type]  # handed on as it is
    )
    return MovingWindowRateLimiter(storage)
