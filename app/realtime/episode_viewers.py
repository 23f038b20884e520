"""Live viewers: tells members of a tenant how many watch one of its episodes, whenever that number has changed."""

from collections.abc import Collection, Mapping

from engineio.packet import Packet

from app.errors import Unauthorized
from app.realtime.connection import Connection, Rooms
from app.realtime.number_rooms import Found, NumberRooms
from app.realtime.ports import EpisodeViewersReader
from app.realtime.protocol import EPISODE_FIELD, EPISODE_VIEWERS_UPDATED, episode_room, viewers_packet

CHECK_INTERVAL_SECONDS = 2.0


class EpisodeViewerRooms(NumberRooms):
    """Rooms `episode:<id>`, open to who has come with a token of the episode's tenant."""

    field = EPISODE_FIELD
    event = EPISODE_VIEWERS_UPDATED

    def __init__(self, reader: EpisodeViewersReader, interval_seconds: float = CHECK_INTERVAL_SECONDS) -> None:
        super().__init__(interval_seconds)
        self._reader = reader

    def name(self, reference: str) -> str:
        """The room of this episode."""
        return episode_room(reference)

    def rooms_of(self, connection: Connection) -> Rooms:
        """Those of episodes."""
        return connection.episode_rooms

    async def find(self, connection: Connection, reference: str) -> Found:
        """The episode of this id.

        Raises:
            Unauthorized: the connection came without a token.
            NotFound: there is no such episode, or it is of a tenant that the token does not name.
            Unavailable: the number cannot be read at present.
        """
        if connection.identity is None:
            raise Unauthorized
        found = await self._reader.of_episode(connection.identity.tenants, int(reference))
        return Found(reference, found.viewers)

    async def numbers(self, ids: Collection[str]) -> Mapping[str, int]:
        """How many watch each episode.

        Raises:
            Unavailable: the database is away.
        """
        found = await self._reader.of_episodes([int(one) for one in ids])
        return {str(episode): viewers for episode, viewers in found.items()}

    def shown(self, number: int) -> Mapping[str, object]:
        """`viewers`."""
        return {"viewers": number}

    def packet(self, reference: str, number: int) -> Packet:
        """`EPISODE_VIEWERS_UPDATED`."""
        return viewers_packet(reference, number)
