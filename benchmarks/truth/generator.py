"""When which events arrive: by days, some late, some twice, some broken."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.truth.calendar import MS_PER_DAY
from benchmarks.truth.events import Event, Form
from benchmarks.truth.faults import Broken, break_event, contradict
from benchmarks.truth.moving_clock import to_ms
from benchmarks.truth.sessions import Sessions
from benchmarks.truth.world import World

# Ahead of any real clock: the database itself removes event keys that have expired by the machine's own time. The
# days reach over the end of a year, in the middle of a week.
FIRST_DAY = datetime(2034, 12, 4, tzinfo=UTC)
_ARRIVAL = timedelta(hours=22)

_REPEATED, _LATE, _BROKEN, _CONTRADICTED = 0.03, 0.05, 0.018, 0.002
_REPEATED_AT_ONCE = 0.6
_OLDEST_MS = 7 * MS_PER_DAY - 3_600_000
"""An hour less than is accepted, as the clock goes on while a day is sent."""

_ARRIVES_AT_ONCE = (Form.UNDATED, Form.AHEAD)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made."""

    events: int
    tracks: int
    days: int


@dataclass(slots=True)
class Day:
    """What arrives on one day, in random order; `new` are the events that happened and that count once."""

    number: int
    arrival: datetime
    new: list[Event] = field(default_factory=list)
    deliveries: list[Event | Broken] = field(default_factory=list)


class Generator:
    """Makes days one after another; the same seed makes the same."""

    def __init__(self, world: World, size: Size, seed: int) -> None:
        self._random = Random(seed)
        self._sessions = Sessions(world, self._random)
        self._size = size
        self._waiting: dict[int, list[Event | Broken]] = defaultdict(list)
        self._broken = 0
        # A day's share without what comes on top of it.
        self._daily = round(size.events / size.days / (1 + _REPEATED + _BROKEN + _CONTRADICTED))

    def days(self) -> Iterator[Day]:
        """Every day with what arrives on it."""
        for number in range(self._size.days):
            yield self._day(number)

    def _day(self, number: int) -> Day:
        day = Day(number, arrival_of(number))
        end = to_ms(day.arrival)
        while len(day.new) < self._daily:
            day.new.extend(self._placed(event, number, end) for event in self._sessions.draw(end - MS_PER_DAY, end))
        for event in day.new:
            self._send(event, number)
        day.deliveries = self._waiting.pop(number, [])
        self._random.shuffle(day.deliveries)
        return day

    def _placed(self, event: Event, number: int, arrival: int) -> Event:
        """The event as it counts: one that has no time, or one ahead, happens when it arrives.

        There are none of these on the last day, so that the order of the latest events is known.
        """
        if event.form not in _ARRIVES_AT_ONCE:
            return event
        if number == self._size.days - 1:
            return event._replace(form=Form.ISO)
        return event._replace(at=arrival)

    def _send(self, event: Event, number: int) -> None:
        random = self._random
        first = number
        if event.form not in _ARRIVES_AT_ONCE and random.random() < _LATE:
            first = self._later(event, number)
        self._waiting[first].append(event)
        if random.random() < _REPEATED:
            again = first if random.random() < _REPEATED_AT_ONCE else self._later(event, first)
            self._waiting[again].append(event)
        if random.random() < _BROKEN:
            arrival = to_ms(arrival_of(number))
            self._broken += 1
            spare = self._sessions.one(arrival - MS_PER_DAY, arrival)
            self._waiting[number].append(break_event(spare, arrival, self._broken))
        if random.random() < _CONTRADICTED:
            self._contradict(event, first)

    def _later(self, event: Event, number: int) -> int:
        """A later day on which the event is still taken, if there is one; else the same."""
        newest = (event.at + _OLDEST_MS - to_ms(arrival_of(0))) // MS_PER_DAY
        newest = min(newest, self._size.days - 1)
        return self._random.randint(number + 1, newest) if newest > number else number

    def _contradict(self, event: Event, first: int) -> None:
        """Under the same id something else, after the event is surely there."""
        day = self._later(event, first)
        if day > first and event.form is not Form.NAMELESS:
            self._waiting[day].append(contradict(event))


def arrival_of(number: int) -> datetime:
    """When the events of a day begin to arrive: at 22:00."""
    return FIRST_DAY + timedelta(days=number) + _ARRIVAL
