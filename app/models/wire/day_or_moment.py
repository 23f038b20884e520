"""A day or a moment, as ISO 8601 writes it."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from app.clock import to_stored_precision
from app.models.licensing.usage import Period

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})\Z", re.ASCII)
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def to_period(written: str) -> Period:
    """The day in UTC, all of it, or the moment, cut to the millisecond.

    Raises:
        ValueError: it is neither.
    """
    try:
        if _DAY.match(written):
            return Period.day(date.fromisoformat(written))
        if _MOMENT.match(written):
            return Period.at(_moment(written))
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be a day such as 2026-01-31, or a moment with its offset such as 2026-01-31T12:00:00Z")


def to_moment(written: str) -> datetime:
    """The moment, in UTC, cut to the millisecond.

    Raises:
        ValueError: it is none, or has no offset.
    """
    try:
        if _MOMENT.match(written):
            return _moment(written)
    except (ValueError, OverflowError):
        pass
    raise ValueError("must be a moment with its offset such as 2026-01-31T12:00:00Z")


def _moment(written: str) -> datetime:
    exact = _FRACTION.sub(lambda found: f".{found[1]:0<6}", written.upper())
    return to_stored_precision(datetime.fromisoformat(exact).astimezone(UTC))


def _checked(written: str) -> str:
    to_period(written)
    return written


DayOrMoment = Annotated[
    str,
    AfterValidator(_checked),
    WithJsonSchema(
        {
            "type": "string",
            "anyOf": [{"format": "date"}, {"format": "date-time"}],
            "examples": ["2026-01-31", "2026-01-31T12:00:00Z"],
        }
    ),
]
"""A text that `to_period` reads."""
