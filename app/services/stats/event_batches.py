"""Reads a batch of events: what is well formed on one side, a receipt for everything else on the other."""

from datetime import datetime

from app.errors import FieldError, Invalid, PayloadTooLarge
from app.models.stats.events import EventStatus, Receipt, Source, StatsEvent
from app.services.stats.event_details import read_details, type_of
from app.services.stats.event_fields import (
    LONGEST_EVENT_ID,
    EventFault,
    RawEvent,
    is_usable,
    optional_id,
    required_choice,
    required_id,
)
from app.services.stats.event_times import AcceptedTimes
from app.services.stats.fingerprints import canonical, derived_id, fingerprint_of

MOST_EVENTS = 1_000

_SOURCES = tuple(one.value for one in Source)
_NO_BATCH = "must be an array of events, or an object with the array `events`"


def read_events(
    raw: object, arrived_at: datetime, user_id: str | None = None
) -> tuple[list[StatsEvent], list[Receipt]]:
    """The well-formed events of a request, and a receipt for each of the others; together they are all of them.

    `raw` is parsed JSON: an array, or `{"events": [...]}`. An event without an id gets one that is derived from its
    content and `user_id`. A thousand plays take 5 ms.

    Raises:
        Invalid: `raw` is neither, or has no event in it.
        PayloadTooLarge: there are more than 1,000.
    """
    times = AcceptedTimes(arrived_at)
    events: list[StatsEvent] = []
    refused: list[Receipt] = []
    for index, one in enumerate(_elements(raw)):
        try:
            events.append(_read_event(index, one, times, user_id))
        except EventFault as fault:
            refused.append(Receipt(index, _id_of(one), EventStatus.REJECTED, fault.code, fault.sentence))
    return events, refused


def _elements(raw: object) -> list[object]:
    elements = raw.get("events") if isinstance(raw, dict) else raw
    field = "events" if isinstance(raw, dict) else "body"
    if not isinstance(elements, list):
        raise Invalid("The request is not valid", [FieldError(field, _NO_BATCH)])
    if not elements:
        raise Invalid("The request is not valid", [FieldError(field, "must have at least one event")])
    if len(elements) > MOST_EVENTS:
        raise PayloadTooLarge(f"There are more than {MOST_EVENTS:,} events in the request")
    return elements


def _read_event(index: int, raw: object, times: AcceptedTimes, user_id: str | None) -> StatsEvent:
    if not isinstance(raw, dict):
        raise EventFault("An event must be an object")
    event_id = optional_id(raw, "eventId", LONGEST_EVENT_ID)
    time = times.read(raw.get("timestamp"))
    event = StatsEvent(
        index,
        event_id or "",
        type_of(raw),
        required_id(raw, "trackId"),
        required_id(raw, "sessionId"),
        time.moment,
        time.is_clamped,
        0,
        _source_of(raw),
    )
    read_details(event, raw)
    content = canonical(event, time.sent)
    event.fingerprint = fingerprint_of(content)
    if event_id is None:
        event.event_id = derived_id(content, user_id)
    return event


def _source_of(raw: RawEvent) -> str:
    return Source.DIRECT.value if raw.get("source") is None else required_choice(raw, "source", _SOURCES)


def _id_of(raw: object) -> str | None:
    """The id that the client gave, for its receipt, as far as it can be repeated."""
    event_id = raw.get("eventId") if isinstance(raw, dict) else None
    return event_id if is_usable(event_id, LONGEST_EVENT_ID) else None
