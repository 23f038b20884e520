"""How committed counts travel from the one who counted to those who have listeners."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from app.models.songs import SongCounts

Receiver = Callable[[SongCounts], None]
GapListener = Callable[[], Awaitable[None]]


class Bus(Protocol):
    """Carries counts to every process, its own one included; may repeat and reorder them."""

    def connect(self, receive: Receiver, missed: GapListener) -> None:
        """Hand arriving counts to `receive`; call `missed` when some may have been lost on the way."""
        ...

    def publish(self, counts: SongCounts) -> None:
        """Send counts; O(1), never blocks, never raises."""
        ...

    async def start(self) -> None:
        """Begin to carry."""
        ...

    async def stop(self) -> None:
        """Send what waits, then end."""
        ...


class LocalBus:
    """A bus for one process: what is published has arrived."""

    def __init__(self) -> None:
        self._receive: Receiver = lambda _: None

    def connect(self, receive: Receiver, missed: GapListener) -> None:  # noqa: ARG002 - nothing is ever missed here
        """Hand published counts to `receive`."""
        self._receive = receive

    def publish(self, counts: SongCounts) -> None:
        """Deliver at once."""
        self._receive(counts)

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Nothing to end."""


def bus_for(redis_url: str | None, name: str) -> Bus:
    """The bus for these settings; processes with the same `name` (the database) hear each other."""
    from app.realtime.redis_bus import RedisBus

    return LocalBus() if redis_url is None else RedisBus(redis_url, name)
