"""Who listens to which song: joining, leaving, and catching up after a gap."""

import asyncio

import structlog

from app.errors import NotFound, Unavailable
from app.metrics import SUBSCRIPTIONS
from app.models.songs import SongCounts
from app.realtime.connection import Connection
from app.realtime.live_counts import LiveCounts
from app.realtime.ports import SongCountsReader
from app.realtime.song_feed import SongFeed

log = structlog.get_logger(__name__)


class Subscriptions:
    """Lets connections into the feeds of songs and out of them."""

    def __init__(self, reader: SongCountsReader, live_counts: LiveCounts) -> None:
        self._reader = reader
        self._live = live_counts

    async def join(self, connection: Connection, reference: str) -> SongCounts:
        """Let a connection hear of a song under this id or slug; the counts it starts from.

        No update it hears afterwards has fewer views. Joining twice is joining once.

        Raises:
            NotFound: there is no such song.
            Conflict: the connection is in too many rooms.
            Unavailable: the counts cannot be read at present.
        """
        with connection.place(connection.rooms, reference):
            counts = await self._reader.counts(reference)
            if reference not in connection.rooms:  # gone, or unsubscribed, while the song was looked up
                return counts
            feed = self._enter(connection, reference, counts)
            if not feed.is_gapless:
                await self._close_gap(connection, reference, feed)
        async with feed.lock:
            # Nothing may be awaited between here and the outbox, or an update could overtake the acknowledgement.
            return feed.acknowledge(connection, reference)

    def leave(self, connection: Connection, reference: str) -> None:
        """Let a connection hear no more of a song under this reference."""
        song_id = connection.rooms.pop(reference, None)
        if song_id is not None:
            self._remove(connection, reference, song_id)

    def leave_all(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        for reference in list(connection.rooms):
            self.leave(connection, reference)

    async def catch_up(self) -> None:
        """Read the counts of every song with listeners again, because changes may not have arrived."""
        for song_id in self._live.song_ids:
            await self._catch_up_with(song_id)

    async def _catch_up_with(self, song_id: str) -> None:
        while self._live.find(song_id) is not None:
            try:
                return self._live.offer(await self._reader.counts(song_id))
            except NotFound:
                return None
            except Unavailable as error:
                await asyncio.sleep(error.retry_after.total_seconds())
            except Exception:
                log.exception("a song was not caught up with", song_id=song_id)
                return None
        return None

    def _enter(self, connection: Connection, reference: str, counts: SongCounts) -> SongFeed:
        """Join the feed; a slug that names another song than before is left there first."""
        previous = connection.rooms.get(reference)
        if previous is not None and previous != counts.song_id:
            self._remove(connection, reference, previous)
        feed = self._live.feed_of(counts)
        connection.rooms[reference] = feed.song_id
        if feed.add(connection, reference):
            SUBSCRIPTIONS.inc()
        self._live.offer(counts)
        return feed

    async def _close_gap(self, connection: Connection, reference: str, feed: SongFeed) -> None:
        """Read again: what was committed after the first read and before the feed was there, nobody has delivered."""
        try:
            self._live.offer(await self._reader.counts(feed.song_id))
        except BaseException:
            self.leave(connection, reference)
            raise
        feed.is_gapless = True

    def _remove(self, connection: Connection, reference: str, song_id: str) -> None:
        feed = self._live.find(song_id)
        if feed is None or not feed.remove(connection, reference):
            return
        SUBSCRIPTIONS.dec()
        if not feed.audiences:
            self._live.close_feed(feed)
