"""The rooms of songs: live counts of the copyright-free catalogue."""

from app.realtime.connection import Connection
from app.realtime.live_counts import LiveCounts
from app.realtime.ports import SongCountsReader
from app.realtime.protocol import SONG_FIELD, SongCounted, song_counted, song_room
from app.realtime.subscriptions import Subscriptions


class SongRooms:
    """Rooms `content:audio:<reference>`; see `RoomKind`."""

    field = SONG_FIELD

    def __init__(self, reader: SongCountsReader, live_counts: LiveCounts) -> None:
        self._live_counts = live_counts
        self._subscriptions = Subscriptions(reader, live_counts)

    def name(self, reference: str) -> str:
        """The room of everyone who named a song by this id or slug."""
        return song_room(reference)

    async def join(self, connection: Connection, reference: str) -> SongCounted:
        """Let a connection hear of a song; raises as `Subscriptions.join`."""
        return song_counted(await self._subscriptions.join(connection, reference))

    def leave(self, connection: Connection, reference: str) -> None:
        """Let a connection hear no more of a song under this reference."""
        self._subscriptions.leave(connection, reference)

    def leave_all(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        self._subscriptions.leave_all(connection)

    async def start(self) -> None:
        """Begin to listen for commits and to tell; a bus that is away does not hinder it."""
        await self._live_counts.start(self._subscriptions.catch_up)

    async def flush(self) -> None:
        """Tell the last values."""
        await self._live_counts.flush()

    async def stop(self) -> None:
        """Pass on what waits, here and to the other processes, and end; call it after the last `publish`."""
        await self._live_counts.stop()
