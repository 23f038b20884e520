"""What time it is: the one place that asks, so that tests can decide."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC, cut to the millisecond that MongoDB keeps."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present moment."""
        return to_stored_precision(datetime.now(UTC))


def to_stored_precision(moment: datetime) -> datetime:
    """Cut to whole milliseconds: a BSON date keeps no more, and a value must survive a round trip unchanged."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with `Z` and milliseconds, as every answer shows a time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
