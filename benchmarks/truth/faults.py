"""Events that must be refused, each for a reason of its own."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.truth.calendar import MS_PER_DAY
from benchmarks.truth.events import Event, Wire, to_wire

_HOUR_MS = 3_600_000


class Broken(NamedTuple):
    """What is sent, and the code that it must be refused with."""

    sender: int
    wire: object
    code: str


def break_event(event: Event, arrival: int, number: int) -> Broken:
    """A broken relative of an event that was never sent, by the faults in turn; `arrival` in ms since 1970."""
    code, spoil = _FAULTS[number % len(_FAULTS)]
    return Broken(event.sender, spoil(to_wire(event), arrival), code)


def contradict(event: Event) -> Broken:
    """Another event under the id of one that was taken days before."""
    wire = to_wire(event)
    return Broken(event.sender, wire | {"sessionId": f"{wire['sessionId']}-other"}, "CONFLICT")


def _with(**fields: object) -> Callable[[Wire, int], object]:
    return lambda wire, _arrival: wire | fields


def _without(name: str) -> Callable[[Wire, int], object]:
    return lambda wire, _arrival: {key: value for key, value in wire.items() if key != name}


def _instead(whatever: object) -> Callable[[Wire, int], object]:
    return lambda _wire, _arrival: whatever


def _at(shift_ms: int) -> Callable[[Wire, int], object]:
    return lambda wire, arrival: wire | {"timestamp": arrival + shift_ms}


_INVALID = "VALIDATION_ERROR"
_FAULTS: tuple[tuple[str, Callable[[Wire, int], object]], ...] = (
    ("UNKNOWN_TRACK", _with(trackId="track-of-nobody")),
    ("TOO_OLD", _at(-7 * MS_PER_DAY - _HOUR_MS)),
    ("TOO_OLD", _with(timestamp=0)),
    ("TOO_NEW", _at(_HOUR_MS)),
    (_INVALID, _with(type="hum")),
    (_INVALID, _without("type")),
    (_INVALID, _without("trackId")),
    (_INVALID, _with(trackId="")),
    (_INVALID, _with(trackId=17)),
    (_INVALID, _without("sessionId")),
    (_INVALID, _with(sessionId="s" * 257)),
    (_INVALID, _with(eventId="e" * 65)),
    (_INVALID, _with(eventId=17)),
    (_INVALID, _with(timestamp="yesterday")),
    (_INVALID, _with(timestamp=True)),
    (_INVALID, _with(source="dream")),
    (_INVALID, _with(type="play", duration=-1)),
    (_INVALID, _with(type="play", duration="long")),
    (_INVALID, _with(type="play", completionRate=100.5)),
    (_INVALID, _with(type="play", skipped="yes")),
    (_INVALID, _with(type="play", replayed=1)),
    (_INVALID, _with(type="like", action="love")),
    (_INVALID, _with(type="like", action=None)),
    (_INVALID, _with(type="save", action="like", playlistId="p")),
    (_INVALID, _with(type="save", action="save", playlistId=None)),
    (_INVALID, _with(type="share", platform="fax")),
    (_INVALID, _with(type="share", platform=None)),
    (_INVALID, _instead(None)),
    (_INVALID, _instead("play")),
    (_INVALID, _instead([])),
    (_INVALID, _instead({})),
)
