"""What the server asks of every kind of room: who comes and goes, and what they are told first."""

from collections.abc import Mapping
from typing import Protocol

from app.realtime.connection import Connection


class RoomKind(Protocol):
    """The rooms of one kind; a client names one by `{<field>: <reference>}`."""

    @property
    def field(self) -> str:
        """The field of `subscribe` and `unsubscribe` that names a room of this kind."""
        ...

    def name(self, reference: str) -> str:
        """The room of everyone who has used this reference."""
        ...

    async def join(self, connection: Connection, reference: str) -> Mapping[str, object]:
        """Let a connection in; what it starts from, for the acknowledgement. Nothing is awaited after that is known.

        Raises:
            Forbidden: not for whoever is there (`connection.identity`).
            NotFound: there is nothing of this name.
            Conflict: the connection is in too many rooms.
            Unavailable: it cannot be looked up at present.
        """
        ...

    def leave(self, connection: Connection, reference: str) -> None:
        """Let a connection out, if it is in."""
        ...

    def leave_all(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        ...

    async def start(self) -> None:
        """Begin to tell."""
        ...

    async def flush(self) -> None:
        """Tell at once what waits for its turn."""
        ...

    async def stop(self) -> None:
        """Tell what waits, and end every task."""
        ...
