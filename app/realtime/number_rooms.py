"""Rooms that tell one number which changes by mere passing of time, so that it has to be asked for."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engineio.packet import Packet

from app.metrics import EMITS, SUBSCRIPTIONS
from app.realtime.connection import Connection, Rooms
from app.realtime.live_counts import RECIPIENTS_AT_ONCE
from app.realtime.polling import Polling

Audience = dict[Connection, int]
"""Those who named a thing in the same way, each with the number that it was told last."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a reference means, and its number at present."""

    id: str
    number: int


class NumberRooms(ABC):
    """A `RoomKind` whose rooms each have a number, told to everyone who does not know it yet.

    Nobody commits such a change and nobody could publish it. So this process asks: one query for all that is watched
    here, and none while nothing is. Other processes ask for theirs.
    """

    field: str
    """The field of `subscribe` and `unsubscribe` that names a room of this kind."""

    event: str
    """The event that tells the number."""

    def __init__(self, interval_seconds: float) -> None:
        self._audiences: dict[str, dict[str, Audience]] = {}
        self._polling = Polling(self.event, self.check, lambda: bool(self._audiences), interval_seconds)

    @abstractmethod
    def name(self, reference: str) -> str:
        """The room of everyone who has used this reference."""

    @abstractmethod
    def rooms_of(self, connection: Connection) -> Rooms:
        """Where a connection keeps the rooms of this kind."""

    @abstractmethod
    async def find(self, connection: Connection, reference: str) -> Found:
        """What the connection means by a reference, or an error that says why it may not know."""

    @abstractmethod
    async def numbers(self, ids: Collection[str]) -> Mapping[str, int]:
        """The numbers of many, in one query; what is left out is 0."""

    @abstractmethod
    def shown(self, number: int) -> Mapping[str, object]:
        """The number, as the acknowledgement of `subscribe` tells it."""

    @abstractmethod
    def packet(self, reference: str, number: int) -> Packet:
        """The event, ready to send."""

    async def join(self, connection: Connection, reference: str) -> Mapping[str, object]:
        """Let a connection hear of the number, and tell it the present one.

        Raises:
            Conflict: the connection is in too many rooms.
            NotFound, Unauthorized, Unavailable: as `find`.
        """
        rooms = self.rooms_of(connection)
        with connection.place(rooms, reference):
            found = await self.find(connection, reference)
            if reference in rooms:  # or it is gone, or unsubscribed, since it was looked up
                self._enter(connection, reference, found)
        return self.shown(found.number)

    def leave(self, connection: Connection, reference: str) -> None:
        """Let a connection hear no more under this reference."""
        found_id = self.rooms_of(connection).pop(reference, None)
        if found_id is not None:
            self._remove(connection, reference, found_id)

    def leave_all(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        for reference in list(self.rooms_of(connection)):
            self.leave(connection, reference)

    @property
    def ids(self) -> list[str]:
        """What is watched."""
        return list(self._audiences)

    async def start(self) -> None:
        """Begin to ask and to tell."""
        await self._polling.start()

    async def flush(self) -> None:  # noqa: B027 - not left open for others: there is nothing to do
        """Nothing waits: what was asked for was told."""

    async def stop(self) -> None:
        """Ask no more."""
        await self._polling.stop()

    async def check(self) -> None:
        """Ask for all numbers at once, and tell those who do not know them yet.

        Who has joined meanwhile may know a newer number, and waits for the next check.

        Raises:
            Unavailable: the database is away.
        """
        watching = {
            (one_id, reference): list(audience)
            for one_id, audiences in self._audiences.items()
            for reference, audience in audiences.items()
        }
        numbers = await self.numbers(self.ids)
        for (one_id, reference), connections in watching.items():
            await self._tell(one_id, reference, connections, numbers.get(one_id, 0))

    async def _tell(self, one_id: str, reference: str, connections: list[Connection], number: int) -> None:
        audience = self._audiences.get(one_id, {}).get(reference, {})
        behind = [one for one in connections if audience.get(one, number) != number]
        if not behind:
            return
        packet = self.packet(reference, number)
        EMITS.labels(self.event).inc()
        for position, connection in enumerate(behind, start=1):
            if connection in audience:  # they come and go while the loop serves others
                audience[connection] = number
                connection.outbox.put_nowait(packet)
            if position % RECIPIENTS_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _enter(self, connection: Connection, reference: str, found: Found) -> None:
        """Join the audience; a reference that means something else than before is left there first."""
        rooms = self.rooms_of(connection)
        previous = rooms.get(reference)
        if previous is not None and previous != found.id:
            self._remove(connection, reference, previous)
        audience = self._audiences.setdefault(found.id, {}).setdefault(reference, {})
        if connection not in audience:
            SUBSCRIPTIONS.inc()
        audience[connection] = found.number
        rooms[reference] = found.id
        self._polling.wake()

    def _remove(self, connection: Connection, reference: str, one_id: str) -> None:
        audiences = self._audiences.get(one_id, {})
        audience = audiences.get(reference, {})
        if audience.pop(connection, None) is None:
            return
        SUBSCRIPTIONS.dec()
        if not audience:
            del audiences[reference]
        if not audiences:
            del self._audiences[one_id]
