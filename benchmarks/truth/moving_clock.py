"""A clock that two processes share: the driver sets it, and the service under test reads it."""

import mmap
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.clock import SystemClock

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_BYTES = 8


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return (moment - EPOCH) // _MILLISECOND


class MovingClock(SystemClock):
    """What the file says. A positive number is how many ms it is ahead of the machine; a negative one is the moment
    at which it stands still.

    Eight aligned bytes are read and written at once, so nobody sees half a number.
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _BYTES)

    def now(self) -> datetime:
        """The moment that the driver has chosen, and the time since."""
        number = int.from_bytes(self._shared[:_BYTES], "little", signed=True)
        if number < 0:
            return EPOCH - number * _MILLISECOND
        return super().now() + number * _MILLISECOND


class ClockHand(MovingClock):
    """The driver's end of it."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(bytes(_BYTES))
        super().__init__(path)

    def set(self, moment: datetime) -> None:
        """Let it be this moment now, and go on from there."""
        self._write((moment - SystemClock().now()) // _MILLISECOND)

    def stop(self, moment: datetime) -> None:
        """Let it be this moment until it is set again."""
        self._write(-to_ms(moment))

    def _write(self, number: int) -> None:
        self._shared[:_BYTES] = number.to_bytes(_BYTES, "little", signed=True)
