"""Reads dates and times in the forms in which providers send them."""

from datetime import UTC, datetime
from math import isfinite

from app.clock import to_stored_precision

_FIRST = datetime(1970, 1, 2, tzinfo=UTC)
_LAST = datetime(2200, 1, 1, tzinfo=UTC)
_LONGEST = 40


def moment(sent: object) -> datetime | None:
    """A time in UTC from ISO 8601 (without a zone: UTC), a date, or seconds since 1970; `None` for anything else.

    Dates are shown and never decided on, so a bad one (WordPress sends `0000-00-00`) does not cost a track.
    """
    if isinstance(sent, bool) or not isinstance(sent, int | float | str):
        return None
    try:
        found = _read(str(sent).strip()[:_LONGEST])
        return to_stored_precision(found) if _FIRST <= found <= _LAST else None
    except (ValueError, OverflowError, OSError):
        return None


def _read(text: str) -> datetime:
    if text.isascii() and text.replace(".", "", 1).isdecimal() and isfinite(float(text)):
        return datetime.fromtimestamp(float(text), UTC)
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
