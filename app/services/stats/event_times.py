"""When an event happened: what its timestamp says, held against the moment of its arrival."""

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import NamedTuple

from app.clock import to_stored_precision
from app.models.stats.events import RejectionCode
from app.services.stats.event_fields import EventFault, Number

OLDEST = timedelta(days=7)
"""An event that happened longer ago is refused; the key that an event counts once by is kept at least as long."""

NEWEST = timedelta(minutes=5)
"""A clock that is ahead by no more is taken for a wrong clock: the event happened when it arrived."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SHAPE = "timestamp must be an ISO 8601 time or epoch milliseconds"


class EventTime(NamedTuple):
    """When it happened, whether that was set back to the arrival, and the timestamp as it was sent."""

    moment: datetime
    is_clamped: bool
    sent: str


class AcceptedTimes:
    """The times that events which arrive at one moment may have."""

    def __init__(self, arrived_at: datetime) -> None:
        self._arrival = to_stored_precision(arrived_at)
        self._oldest = self._arrival - OLDEST
        self._too_new = self._arrival + NEWEST + _MILLISECOND
        self._oldest_ms = (self._oldest - _EPOCH) // _MILLISECOND
        self._too_new_ms = (self._too_new - _EPOCH) // _MILLISECOND
        self._unsaid = EventTime(self._arrival, False, "")

    def read(self, value: object) -> EventTime:
        """The time that a timestamp says; the arrival when it says nothing.

        Raises:
            EventFault: it is no time, or none that is accepted.
        """
        if type(value) is str:
            return self._placed(self._parsed(value), value)
        if value is None:
            return self._unsaid
        # `type` and not `isinstance`: `true` is no number.
        if type(value) is int or type(value) is float:
            return self._from_epoch(value)
        raise EventFault(_SHAPE)

    def _parsed(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise EventFault(_SHAPE) from None
        # Python takes any character between date and time, even half of a surrogate pair, and a NUL after them.
        if not (text.isascii() and text.isprintable()):
            raise EventFault(_SHAPE)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        self._check(is_old=moment < self._oldest, is_new=moment >= self._too_new)
        # Not before it is known to be of this week: the year 1 in Auckland has no UTC.
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)

    def _from_epoch(self, value: Number) -> EventTime:
        # An integer may be too large to be asked.
        if type(value) is float and not isfinite(value):
            raise EventFault(_SHAPE)
        self._check(is_old=value < self._oldest_ms, is_new=value >= self._too_new_ms)
        whole = int(value)
        return self._placed(_EPOCH + timedelta(milliseconds=whole), str(whole if whole == value else value))

    def _check(self, *, is_old: bool, is_new: bool) -> None:
        if is_old:
            sentence = "timestamp is more than 7 days old (a number is read as milliseconds since 1970)"
            raise EventFault(sentence, RejectionCode.TOO_OLD)
        if is_new:
            raise EventFault("timestamp is more than 5 minutes ahead of the server", RejectionCode.TOO_NEW)

    def _placed(self, moment: datetime, sent: str) -> EventTime:
        if moment.microsecond % 1000:
            moment = to_stored_precision(moment)
        if moment > self._arrival:
            return EventTime(self._arrival, True, sent)
        return EventTime(moment, False, sent)
