"""Reads numbers, flags and durations in the forms in which providers send them."""

import re
from datetime import timedelta
from math import isfinite

from app.models.wire.base import MAX_SAFE_INTEGER

_LONGEST_NUMBER = 64
_LONGEST = timedelta(days=7)
_FASTEST_BPM = 1_000
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):([0-5]?\d(?:\.\d{1,9})?)")
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def number(sent: object) -> float | None:
    """A finite number, also one written as text; `None` for null and empty text.

    Raises:
        ValueError: it is nothing of that.
    """
    if sent is None or (isinstance(sent, str) and not sent.strip()):
        return None
    if isinstance(sent, bool) or not isinstance(sent, int | float | str) or len(str(sent)[:99]) > _LONGEST_NUMBER:
        raise ValueError("must be a number")
    value = _float(sent)
    if value is None or not isfinite(value):
        raise ValueError("must be a number")
    return value


def count(sent: object) -> int | None:
    """A number of things; `None` when it is not said, or not one that there can be.

    Raises:
        ValueError: it is no number.
    """
    value = number(sent)
    return int(value) if value is not None and 0 <= value <= MAX_SAFE_INTEGER else None


def bpm(sent: object) -> float | None:
    """Beats a minute; `None` for 0, which providers send for unknown, and for what no music has.

    Raises:
        ValueError: it is no number.
    """
    value = number(sent)
    return value if value is not None and 0 < value <= _FASTEST_BPM else None


def flag(sent: object) -> bool | None:
    """True or false, also as text or 0 and 1; `None` for null and empty text.

    Raises:
        ValueError: it is nothing of that.
    """
    if sent is None or sent == "":
        return None
    if isinstance(sent, bool):
        return sent
    word = str(sent).lower() if isinstance(sent, int | str) else ""
    if word not in _FLAGS:
        raise ValueError("must be true or false")
    return _FLAGS[word]


def ms_of_seconds(sent: object) -> int | None:
    """Milliseconds of a duration in seconds, or written `M:SS` or `H:MM:SS`; `None` for 0 and for over a week.

    Raises:
        ValueError: it is no duration.
    """
    clock = _CLOCK.fullmatch(sent.strip()) if isinstance(sent, str) else None
    seconds = number(sent) if clock is None else int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + float(clock[3])
    return _possible(None if seconds is None else seconds * 1000)


def ms_of_milliseconds(sent: object) -> int | None:
    """Milliseconds of a duration in milliseconds; `None` for 0 and for over a week.

    Raises:
        ValueError: it is no number.
    """
    return _possible(number(sent))


def _float(sent: float | str) -> float | None:
    try:
        return float(sent)
    except (ValueError, OverflowError):
        return None


def _possible(milliseconds: float | None) -> int | None:
    if milliseconds is None or not 0 < milliseconds <= _LONGEST.total_seconds() * 1000:
        return None
    return round(milliseconds) or None
