"""Staying in touch with Redis: how it is connected to, and how often it is tried again while it is away."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_SECONDS = 2.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0


def connect(url: str) -> Redis:
    """A client that never reconnects behind our back: a subscription that was away must be noticed, and caught up with.

    It has no socket timeout, since a subscriber hears nothing for as long as nobody plays.
    """
    return Redis.from_url(url, socket_connect_timeout=CONNECT_TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0))


class Backoff:
    """Pauses that double from `FIRST_PAUSE_SECONDS` to `LONGEST_PAUSE_SECONDS`, until `reset`."""

    def __init__(self) -> None:
        self._next = FIRST_PAUSE_SECONDS

    def reset(self) -> None:
        """Redis is there."""
        self._next = FIRST_PAUSE_SECONDS

    async def pause(self) -> None:
        """Wait before the next attempt."""
        pause, self._next = self._next, min(2 * self._next, LONGEST_PAUSE_SECONDS)
        await asyncio.sleep(pause)


async def keep_trying(work: Callable[[Backoff], Awaitable[None]], what: str) -> None:
    """Do work that needs Redis, from the beginning again whenever it fails, until cancelled."""
    backoff = Backoff()
    while True:
        try:
            await work(backoff)
        except (RedisError, OSError) as error:
            log.warning("redis is away", what=what, error=type(error).__name__)
        except Exception:
            log.exception("unexpected failure with redis", what=what)
        await backoff.pause()
