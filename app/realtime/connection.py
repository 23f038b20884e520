"""One client that is connected: what it listens to, and where what it gets is put."""

from dataclasses import dataclass, field
from datetime import datetime

from app.errors import Conflict
from app.realtime.outbox import Outbox

MAX_ROOMS = 200


@dataclass(eq=False, slots=True)
class Connection:
    """A Socket.IO connection; `rooms` has each reference's song id, or `None` while the song is looked up."""

    sid: str
    engine_sid: str
    outbox: Outbox
    expires_at: datetime | None
    rooms: dict[str, str | None] = field(default_factory=dict)

    def reserve(self, reference: str) -> None:
        """Take a place for a room before its song is looked up, so that calls at the same time cannot pass the limit.

        Raises:
            Conflict: the connection is in as many rooms as one may be.
        """
        if len(self.rooms) >= MAX_ROOMS and reference not in self.rooms:
            raise Conflict(f"A connection can be in at most {MAX_ROOMS} rooms")
        self.rooms.setdefault(reference, None)

    def release(self, reference: str) -> None:
        """Give a place back that was reserved and came to nothing."""
        if self.rooms.get(reference, "") is None:
            del self.rooms[reference]
