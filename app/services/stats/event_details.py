"""What an event says beyond the common fields, by its type."""

from collections.abc import Callable, Mapping

from app.models.stats.events import Action, EventType, Platform, StatsEvent
from app.services.stats.event_fields import (
    RawEvent,
    optional_flag,
    optional_id,
    optional_number,
    required_choice,
    required_id,
)

LONGEST_DURATION = 86_400
"""Seconds: one play lasts at most a day."""

SKIPPED_BELOW = 20
"""Seconds: a shorter play is a skipped one, when the client does not say (the seed's own threshold)."""

_LIKES = (Action.LIKE.value, Action.UNLIKE.value)
_SAVES = (Action.SAVE.value, Action.UNSAVE.value)
_PLATFORMS = tuple(one.value for one in Platform)


def _read_play(event: StatsEvent, raw: RawEvent) -> None:
    duration = optional_number(raw, "duration", LONGEST_DURATION)
    skipped = optional_flag(raw, "skipped")
    event.duration = duration
    event.completion_rate = optional_number(raw, "completionRate", 100)
    event.skipped = (duration is not None and duration < SKIPPED_BELOW) if skipped is None else skipped
    event.replayed = optional_flag(raw, "replayed") or False
    event.playlist_id = optional_id(raw, "playlistId")


def _read_like(event: StatsEvent, raw: RawEvent) -> None:
    event.action = required_choice(raw, "action", _LIKES)


def _read_save(event: StatsEvent, raw: RawEvent) -> None:
    event.action = required_choice(raw, "action", _SAVES)
    event.playlist_id = required_id(raw, "playlistId")


def _read_share(event: StatsEvent, raw: RawEvent) -> None:
    event.platform = required_choice(raw, "platform", _PLATFORMS)


def _read_download(_event: StatsEvent, _raw: RawEvent) -> None:
    """Nothing more is said of a download."""


_TYPES: Mapping[object, EventType] = {one.value: one for one in EventType}
_READERS: Mapping[EventType, Callable[[StatsEvent, RawEvent], None]] = {
    EventType.PLAY: _read_play,
    EventType.LIKE: _read_like,
    EventType.SAVE: _read_save,
    EventType.SHARE: _read_share,
    EventType.DOWNLOAD: _read_download,
}


def type_of(raw: RawEvent) -> EventType:
    """The event's type, or `EventFault`."""
    return _TYPES[required_choice(raw, "type", _TYPES)]  # type: ignore[arg-type]  # its keys are texts


def read_details(event: StatsEvent, raw: RawEvent) -> None:
    """Fill in what an event of this type says, or `EventFault`."""
    _READERS[event.type](event, raw)
