"""One client that is connected: what it listens to, and where what it gets is put."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from app.errors import Conflict
from app.models.identity import Identity
from app.realtime.outbox import Outbox

MAX_ROOMS = 200

Rooms = dict[str, str | None]
"""What a client has named, each with the id that it means, or `None` while that is looked up."""


@dataclass(eq=False, slots=True)
class Connection:
    """A Socket.IO connection; `rooms` are those of songs, `named_rooms` those that are called by name alone.

    `identity` is the bearer of the token that it came with, `None` without one.
    """

    sid: str
    engine_sid: str
    outbox: Outbox
    expires_at: datetime | None
    rooms: Rooms = field(default_factory=dict)
    track_rooms: Rooms = field(default_factory=dict)
    episode_rooms: Rooms = field(default_factory=dict)
    named_rooms: Rooms = field(default_factory=dict)
    identity: Identity | None = None

    @property
    def is_admin(self) -> bool:
        """Whether it may be told what only admins may know."""
        return self.identity is not None and self.identity.is_admin

    @contextmanager
    def place(self, rooms: Rooms, reference: str) -> Iterator[None]:
        """Keep a place in one of its rooms while the reference is looked up, and give it back if nothing comes of it.

        Calls at the same time can therefore not pass the limit, which is one for rooms of all kinds.

        Raises:
            Conflict: the connection is in as many rooms as one may be.
        """
        taken = sum(len(some) for some in (self.rooms, self.track_rooms, self.episode_rooms, self.named_rooms))
        if taken >= MAX_ROOMS and reference not in rooms:
            raise Conflict(f"A connection can be in at most {MAX_ROOMS} rooms")
        rooms.setdefault(reference, None)
        try:
            yield
        finally:
            if rooms.get(reference, "") is None:
                del rooms[reference]
