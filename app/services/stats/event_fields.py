"""Checks of one field of an event, each with the sentence that a client gets when the field is wrong."""

from collections.abc import Collection, Mapping
from unicodedata import category

from app.models.stats.events import RejectionCode

RawEvent = Mapping[str, object]
Number = int | float

LONGEST_EVENT_ID = 64
LONGEST_ID = 256

# Control characters, and halves of surrogate pairs, which no encoding can write.
_UNUSABLE = ("Cc", "Cs")


class EventFault(Exception):
    """Why one event is rejected; it never leaves the reading of its batch."""

    def __init__(self, sentence: str, code: RejectionCode = RejectionCode.VALIDATION_ERROR) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


def is_usable(value: object, longest: int) -> bool:
    """Whether this is a text of 1 to `longest` characters that can be stored and shown."""
    if type(value) is not str or not 0 < len(value) <= longest:
        return False
    # Nearly every id is printable, which C finds out in 50 ns; the loop is for the others, such as joined emoji.
    return value.isprintable() or not any(category(one) in _UNUSABLE for one in value)


def required_id(event: RawEvent, field: str, longest: int = LONGEST_ID) -> str:
    """An id that must be there."""
    value = event.get(field)
    if not is_usable(value, longest):
        raise EventFault(
            f"{field} is required"
            if value is None
            else f"{field} must be a text of 1 to {longest} characters, without control characters"
        )
    return value  # type: ignore[return-value]  # a text, as `is_usable` has found


def optional_id(event: RawEvent, field: str, longest: int = LONGEST_ID) -> str | None:
    """An id that may be left out."""
    return None if event.get(field) is None else required_id(event, field, longest)


def required_choice(event: RawEvent, field: str, choices: Collection[str]) -> str:
    """One of some words that must be there."""
    value = event.get(field)
    # The type comes first: an object cannot be looked up.
    if type(value) is str and value in choices:
        return value
    words = ", ".join(choices)
    raise EventFault(f"{field} is required, one of {words}" if value is None else f"{field} must be one of {words}")


def optional_number(event: RawEvent, field: str, most: int) -> Number | None:
    """A number from 0 to `most`, which may be left out; `30.0` is the integer 30, as JSON has one kind of number."""
    value = event.get(field)
    if value is None:
        return None
    # `type` and not `isinstance`: `true` is no number. NaN fails the comparison.
    if (type(value) is int or type(value) is float) and 0 <= value <= most:
        return int(value) if value == int(value) else value
    raise EventFault(f"{field} must be a number from 0 to {most:,}")


def optional_flag(event: RawEvent, field: str) -> bool | None:
    """`true` or `false`, or left out."""
    value = event.get(field)
    if value is None or value is True or value is False:
        return value
    raise EventFault(f"{field} must be true or false")
