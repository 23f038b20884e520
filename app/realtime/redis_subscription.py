"""Listening to one Redis channel, and noticing every time that it was not listened to."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError

from app.realtime.bus import GapListener
from app.realtime.redis_link import Backoff

SILENCE_SECONDS = 15.0


class RedisSubscription:
    """Hands over what arrives on a channel; after each subscription it asks for what was missed."""

    def __init__(self, redis: Redis, channel: str, deliver: Callable[[bytes], None], missed: GapListener) -> None:
        self._redis = redis
        self._channel = channel
        self._deliver = deliver
        self._missed = missed
        self._catching_up: asyncio.Task[None] | None = None

    async def run(self, backoff: Backoff) -> None:
        """Listen until Redis is away.

        Raises:
            RedisError, OSError: it is away.
        """
        try:
            async with self._redis.pubsub() as pubsub:
                await pubsub.subscribe(self._channel)
                await self._listen(pubsub, backoff)
        finally:
            await self._end_catching_up()

    async def _listen(self, pubsub: PubSub, backoff: Backoff) -> None:
        was_silent = False
        while True:
            message = await pubsub.get_message(timeout=SILENCE_SECONDS)
            if message is not None:
                was_silent = False
                await self._hear(message["type"], message["data"], backoff)
            elif was_silent:
                raise RedisConnectionError("no answer to a ping")
            else:
                was_silent = True
                await pubsub.ping()

    async def _hear(self, kind: str, data: bytes, backoff: Backoff) -> None:
        if kind == "message":
            self._deliver(data)
        elif kind == "subscribe":
            # Only from this confirmation on does nothing escape us; a read before it could miss a change after it.
            backoff.reset()
            await self._end_catching_up()
            self._catching_up = asyncio.create_task(_called(self._missed))

    async def _end_catching_up(self) -> None:
        if self._catching_up is not None:
            self._catching_up.cancel()
            with suppress(asyncio.CancelledError):
                await self._catching_up


async def _called(listener: GapListener) -> None:
    await listener()
