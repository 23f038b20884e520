"""Live counts: takes every committed change and tells those who listen, seldom enough and to the last value."""

import asyncio
from contextlib import suppress

import structlog

from app.metrics import EMITS
from app.models.songs import SongCounts
from app.realtime.bus import Bus, GapListener
from app.realtime.emit_schedule import EmitSchedule
from app.realtime.protocol import SONG_UPDATED, update_packet
from app.realtime.song_feed import Audience, SongFeed

log = structlog.get_logger(__name__)

# Ten a second is promised. Exactly 100 ms apart, eleven arrive within a second when the network delays the first.
EMIT_INTERVAL_SECONDS = 0.11

# A recipient costs 23 us, nearly all of it when its writer runs. Measured with 1,000 of them: with 50 at once another
# task waits 10 ms at the 99th percentile, with 250 it waits 25 ms.
RECIPIENTS_AT_ONCE = 50


class LiveCounts:
    """The publisher that services know, and one flusher for all songs with listeners in this process.

    Songs without listeners cost one failed lookup a change, and no memory.
    """

    def __init__(self, bus: Bus, interval: float = EMIT_INTERVAL_SECONDS) -> None:
        self._bus = bus
        self._feeds: dict[str, SongFeed] = {}
        self._schedule: EmitSchedule[SongFeed] = EmitSchedule(interval)
        self._work = asyncio.Event()
        self._flusher: asyncio.Task[None] | None = None

    def publish(self, counts: SongCounts) -> None:
        """Tell every listener in every process about committed counts; O(1), never blocks, never raises."""
        self._bus.publish(counts)

    def offer(self, counts: SongCounts) -> None:
        """Take counts that were committed somewhere, in any order, any number of times."""
        feed = self._feeds.get(counts.song_id)
        if feed is not None and feed.offer(counts) and self._schedule.request(feed, _now()):
            self._work.set()

    def feed_of(self, counts: SongCounts) -> SongFeed:
        """The feed of this song, opened when it has none."""
        return self._feeds.setdefault(counts.song_id, SongFeed(counts))

    def find(self, song_id: str) -> SongFeed | None:
        """The feed of a song with listeners."""
        return self._feeds.get(song_id)

    def close_feed(self, feed: SongFeed) -> None:
        """Forget a song that nobody listens to."""
        self._schedule.forget(feed)
        self._feeds.pop(feed.song_id, None)

    @property
    def song_ids(self) -> list[str]:
        """The songs with listeners."""
        return list(self._feeds)

    async def start(self, missed: GapListener) -> None:
        """Begin to listen and to tell; `missed` is called when changes may have been lost on the way."""
        self._bus.connect(self.offer, missed)
        await self._bus.start()
        self._flusher = asyncio.create_task(self._run(), name="live-counts")

    async def flush(self) -> None:
        """Tell at once what waits for its turn: a last value must not be lost with its connections."""
        await self._flush(self._schedule.take_all())

    async def stop(self) -> None:
        """Pass on what waits, here and to the other processes, and end."""
        await self._bus.stop()
        if self._flusher is not None:
            self._flusher.cancel()
            with suppress(asyncio.CancelledError):
                await self._flusher
        await self.flush()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._schedule.next_at):
                    await self._work.wait()
            self._work.clear()
            await self._flush(self._schedule.take_due(_now()))

    async def _flush(self, feeds: list[SongFeed]) -> None:
        for feed in feeds:
            try:
                async with feed.lock:
                    await self._tell(feed)
            except Exception:
                log.exception("live counts were not told", song_id=feed.song_id)

    async def _tell(self, feed: SongFeed) -> None:
        counts = feed.take()
        if counts is None or self._feeds.get(feed.song_id) is not feed:
            return
        for reference, audience in list(feed.audiences.items()):
            await _send(reference, audience, counts)
        # Measured from the end: with many listeners the last one is told later than the first.
        if self._feeds.get(feed.song_id) is feed:
            self._schedule.emitted(feed, _now())


async def _send(reference: str, audience: Audience, counts: SongCounts) -> None:
    packet = update_packet(reference, counts)
    EMITS.labels(SONG_UPDATED).inc()
    for position, connection in enumerate(list(audience), start=1):
        # Looked up again, because listeners come and go while the loop serves others.
        if audience.get(connection, counts.revision) < counts.revision:
            connection.outbox.put_nowait(packet)
        if position % RECIPIENTS_AT_ONCE == 0:
            await asyncio.sleep(0)


def _now() -> float:
    return asyncio.get_running_loop().time()
