"""The right answers: every event that happened, counted once, in as many ways as the service counts them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from benchmarks.truth.calendar import day_number, start_of
from benchmarks.truth.events import Event
from benchmarks.truth.sums import Sums, together
from benchmarks.truth.world import Verdict, World


class Key(NamedTuple):
    """A track and a verdict."""

    track: int
    verdict: Verdict


class Truth:
    """Takes in events as they are made, and answers when all are there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.events: list[Event] = []
        self._days: dict[int, dict[Key, Sums]] = defaultdict(lambda: defaultdict(Sums))

    def take(self, events: Iterable[Event]) -> None:
        """Count events that happened; each may be given once only."""
        for event in events:
            self.events.append(event)
            self._days[day_number(event.at)][self.key_of(event)].take(event, self._country(event))

    def key_of(self, event: Event) -> Key:
        """Where the event counts."""
        return Key(event.track, self.world.verdict(event.sender, event.kind, event.track))

    def periods(self, grain: str) -> Mapping[tuple[Key, date], Sums]:
        """The sums of every track and verdict in every day, week, month or year that has any."""
        parts: dict[tuple[Key, date], list[Sums]] = defaultdict(list)
        for day, keys in self._days.items():
            start = start_of(grain, day)
            for key, sums in keys.items():
                parts[key, start].append(sums)
        return {of: together(sums) for of, sums in parts.items()}

    def between(self, start: int | None, end: int) -> dict[Key, Sums]:
        """The sums of every track and verdict from `start` up to and without `end`, in ms since 1970."""
        found: dict[Key, Sums] = defaultdict(Sums)
        for event in self.events:
            if event.at < end and (start is None or event.at >= start):
                found[self.key_of(event)].take(event, self._country(event))
        return found

    def counters(self) -> dict[int, Sums]:
        """What counts of every track, over all time."""
        of_tracks: dict[int, list[Sums]] = defaultdict(list)
        for keys in self._days.values():
            for key, sums in keys.items():
                if key.verdict == "counted":
                    of_tracks[key.track].append(sums)
        return {track: together(of_tracks[track]) for track in range(self.world.tracks)}

    @property
    def first_day(self) -> int:
        """The number of the first day with an event."""
        return min(self._days)

    @property
    def last_day(self) -> int:
        """The number of the last day with an event."""
        return max(self._days)

    def _country(self, event: Event) -> str | None:
        return self.world.senders[event.sender].country
