"""Live listeners: tells who watches a track how many listen to it, whenever that number has changed."""

from collections.abc import Collection, Mapping

from engineio.packet import Packet

from app.realtime.connection import Connection, Rooms
from app.realtime.number_rooms import Found, NumberRooms
from app.realtime.ports import ListenersReader
from app.realtime.protocol import TRACK_FIELD, TRACK_LISTENERS_UPDATED, listeners_packet, track_room

CHECK_INTERVAL_SECONDS = 2.0


class LiveListeners(NumberRooms):
    """Rooms `stats:track:<reference>`; a reference is the id of a track, or the id or slug of a song."""

    field = TRACK_FIELD
    event = TRACK_LISTENERS_UPDATED

    def __init__(self, reader: ListenersReader, interval_seconds: float = CHECK_INTERVAL_SECONDS) -> None:
        super().__init__(interval_seconds)
        self._reader = reader

    def name(self, reference: str) -> str:
        """The room of everyone who named a track by this id or slug."""
        return track_room(reference)

    def rooms_of(self, connection: Connection) -> Rooms:
        """Those of tracks."""
        return connection.track_rooms

    async def find(self, connection: Connection, reference: str) -> Found:  # noqa: ARG002 - anyone may know
        """The track of this id or slug.

        Raises:
            NotFound: there is no such track.
            Unavailable: the number cannot be read at present.
        """
        count = await self._reader.of_track(reference)
        return Found(count.track_id, count.listeners)

    async def numbers(self, ids: Collection[str]) -> Mapping[str, int]:
        """How many listen to each track.

        Raises:
            Unavailable: the database is away.
        """
        return await self._reader.of_tracks(ids)

    def shown(self, number: int) -> Mapping[str, object]:
        """`listeners`."""
        return {"listeners": number}

    def packet(self, reference: str, number: int) -> Packet:
        """`TRACK_LISTENERS_UPDATED`."""
        return listeners_packet(reference, number)
