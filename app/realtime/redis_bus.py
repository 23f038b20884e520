"""The bus between processes: batches of counts over one Redis channel."""

import asyncio
from contextlib import suppress

import structlog
from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.models.songs import SongCounts
from app.realtime.bus import GapListener, Receiver

log = structlog.get_logger(__name__)

BATCH_SECONDS = 0.02
MAX_WAITING_SONGS = 10_000
MAX_BATCH = 1_000
FIRST_RETRY_SECONDS = 0.1
LAST_RETRY_SECONDS = 5.0
CONNECT_TIMEOUT_SECONDS = 2.0
HEALTH_CHECK_SECONDS = 15

_BATCH = TypeAdapter(list[SongCounts])


class RedisBus:
    """Delivers to this process at once and to the others within some 20 ms.

    Redis keeps nothing for a subscriber that is away, so whenever the subscription is there again the receiver is
    asked to catch up. While Redis is away, the newest counts of up to `MAX_WAITING_SONGS` songs wait for it.
    """

    def __init__(self, url: str, name: str) -> None:
        self._channel = f"playledger:counts:{name}"
        # No socket timeout: a subscriber is silent for as long as nobody plays. Health checks find a dead peer.
        self._redis = Redis.from_url(
            url, socket_connect_timeout=CONNECT_TIMEOUT_SECONDS, health_check_interval=HEALTH_CHECK_SECONDS
        )
        self._receive: Receiver = lambda _: None
        self._missed: GapListener | None = None
        self._waiting: dict[str, SongCounts] = {}
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def connect(self, receive: Receiver, missed: GapListener) -> None:
        """Hand arriving counts to `receive`, and call `missed` after every time without a subscription."""
        self._receive, self._missed = receive, missed

    def publish(self, counts: SongCounts) -> None:
        """Deliver here, and leave it for the next batch."""
        self._receive(counts)
        waiting = self._waiting.get(counts.song_id)
        if waiting is None and len(self._waiting) >= MAX_WAITING_SONGS:
            return
        if waiting is None or waiting.revision < counts.revision:
            self._waiting[counts.song_id] = counts
            self._work.set()

    async def start(self) -> None:
        """Begin; a Redis that is away is waited for in the background."""
        loops = {"redis-bus-publish": self._publish_batches, "redis-bus-subscribe": self._subscribe}
        self._tasks = [asyncio.create_task(self._keep_up(loop), name=name) for name, loop in loops.items()]

    async def stop(self) -> None:
        """Send what waits, if Redis is there, and end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                while self._waiting:
                    await self._publish_batch()
        await self._redis.aclose()

    async def _keep_up(self, loop: "_Loop") -> None:
        """Run a loop again and again, ever more seldom while Redis is away."""
        backoff = _Backoff()
        while True:
            try:
                await loop(backoff)
            except (RedisError, OSError) as error:
                log.warning("redis is away", loop=loop.__name__, error=type(error).__name__)
            except Exception:
                log.exception("redis bus failed", loop=loop.__name__)
            await backoff.wait()

    async def _publish_batches(self, backoff: "_Backoff") -> None:
        while True:
            await self._work.wait()
            await self._publish_batch()
            backoff.reset()
            await asyncio.sleep(BATCH_SECONDS)

    async def _publish_batch(self) -> None:
        batch = dict(list(self._waiting.items())[:MAX_BATCH])
        await self._redis.publish(self._channel, _BATCH.dump_json(list(batch.values())))
        for song_id, counts in batch.items():
            if self._waiting.get(song_id) is counts:
                del self._waiting[song_id]
        if not self._waiting:
            self._work.clear()

    async def _subscribe(self, backoff: "_Backoff") -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(self._channel)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._catch_up())
                backoff.reset()
                async for message in pubsub.listen():
                    self._deliver(message["data"])

    async def _catch_up(self) -> None:
        if self._missed is not None:
            await self._missed()

    def _deliver(self, data: bytes) -> None:
        try:
            batch = _BATCH.validate_json(data, strict=True)
        except ValidationError as error:
            log.warning("ignored what is not counts", errors=error.error_count())
            return
        for counts in batch:
            self._receive(counts)
