"""Tallies: what a number of events adds up to, in sums that can be added again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

Breakdown = dict[str, int]
"""How many of the events were of each kind. A plain dictionary: a `Counter` costs a microsecond to make, and three of
them were a third of the work of a rollup."""


@dataclass(slots=True)
class Tally:
    """Sums over events. Averages and rates are quotients of sums, so two tallies can be added without losing anything.

    `duration_sum` is in seconds, over the `duration_count` plays that say one; likewise completion, 0..100.
    """

    plays: int = 0
    likes: int = 0
    unlikes: int = 0
    saves: int = 0
    unsaves: int = 0
    shares: int = 0
    downloads: int = 0
    duration_sum: float = 0.0
    duration_count: int = 0
    completion_sum: float = 0.0
    completion_count: int = 0
    skipped: int = 0
    replayed: int = 0
    sources: Breakdown = field(default_factory=dict)
    platforms: Breakdown = field(default_factory=dict)
    countries: Breakdown = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Take in what another tally has counted."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in BREAKDOWNS:
            mine: Breakdown = getattr(self, name)
            for kind, count in getattr(other, name).items():
                mine[kind] = mine.get(kind, 0) + count

    @property
    def events(self) -> int:
        """How many events these are."""
        return self.plays + self.likes + self.unlikes + self.saves + self.unsaves + self.shares + self.downloads

    @property
    def avg_duration(self) -> float:
        """Seconds, over the plays that say a duration; 0 when none does."""
        return ratio(self.duration_sum, self.duration_count)

    @property
    def avg_completion_rate(self) -> float:
        """0..100, over the plays that say it; 0 when none does."""
        return ratio(self.completion_sum, self.completion_count)

    @property
    def skip_rate(self) -> float:
        """Percent of the plays."""
        return 100 * ratio(self.skipped, self.plays)

    @property
    def replay_rate(self) -> float:
        """Percent of the plays."""
        return 100 * ratio(self.replayed, self.plays)


BREAKDOWNS = ("sources", "platforms", "countries")
EVENTS = ("plays", "likes", "unlikes", "saves", "unsaves", "shares", "downloads")
SUMS = tuple(one.name for one in fields(Tally) if one.name not in BREAKDOWNS)


def ratio(part: float, whole: float) -> float:
    """A quotient; 0 when there is nothing to divide by."""
    return part / whole if whole else 0.0


def growth(current: float, previous: float) -> float | None:
    """Percent that `current` is above `previous`; `None` over an empty previous period."""
    return None if not previous else 100 * (current - previous) / previous


def total(tallies: Mapping[object, Tally]) -> Tally:
    """The sum of all tallies."""
    result = Tally()
    for one in tallies.values():
        result.add(one)
    return result
