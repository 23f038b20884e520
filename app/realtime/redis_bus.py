"""The bus between processes: batches of counts over one Redis channel."""

import asyncio
from contextlib import suppress

import structlog
from pydantic import TypeAdapter, ValidationError
from redis.exceptions import RedisError

from app.models.songs import SongCounts
from app.realtime.bus import GapListener, Receiver
from app.realtime.redis_link import Backoff, connect, keep_trying
from app.realtime.redis_subscription import RedisSubscription

log = structlog.get_logger(__name__)

BATCH_SECONDS = 0.02
MAX_BATCH = 1_000
MAX_WAITING_SONGS = 10_000
LAST_WORDS_SECONDS = 2.0

_BATCH = TypeAdapter(list[SongCounts])


class RedisBus:
    """Delivers to this process at once and to the others within some 20 ms.

    Redis keeps nothing for a subscriber that is away, so whenever the subscription is there again the receiver is
    asked to catch up. While Redis is away, the newest counts of up to `MAX_WAITING_SONGS` songs wait for it.
    """

    def __init__(self, url: str, name: str) -> None:
        self._channel = f"playledger:counts:{name}"
        self._redis = connect(url)
        self._receive: Receiver = lambda _: None
        self._subscription: RedisSubscription | None = None
        self._waiting: dict[str, SongCounts] = {}
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def connect(self, receive: Receiver, missed: GapListener) -> None:
        """Hand arriving counts to `receive`, and call `missed` after every time without a subscription."""
        self._receive = receive
        self._subscription = RedisSubscription(self._redis, self._channel, self._deliver, missed)

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
        self._tasks.append(asyncio.create_task(keep_trying(self._publish_batches, "publish")))
        if self._subscription is not None:
            self._tasks.append(asyncio.create_task(keep_trying(self._subscription.run, "subscribe")))

    async def stop(self) -> None:
        """Send what waits, if Redis is there, and end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(RedisError, OSError):
            async with asyncio.timeout(LAST_WORDS_SECONDS):
                while self._waiting:
                    await self._publish_batch()
        await self._redis.aclose()

    async def _publish_batches(self, backoff: Backoff) -> None:
        while True:
            await self._work.wait()
            await self._publish_batch()
            backoff.reset()
            await asyncio.sleep(BATCH_SECONDS)

    async def _publish_batch(self) -> None:
        batch = list(self._waiting.values())[:MAX_BATCH]
        await self._redis.publish(self._channel, _BATCH.dump_json(batch))
        for counts in batch:
            if self._waiting.get(counts.song_id) is counts:
                del self._waiting[counts.song_id]
        if not self._waiting:
            self._work.clear()

    def _deliver(self, data: bytes) -> None:
        try:
            batch = _BATCH.validate_json(data, strict=True)
        except ValidationError as error:
            log.warning("ignored what is not counts", faults=error.error_count())
            return
        for counts in batch:
            self._receive(counts)
