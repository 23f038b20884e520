"""How much a show, a season or an episode was watched, by day and in all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum


class ScopeKind(StrEnum):
    """What can be measured; a season holds episodes, a show seasons. A row of a view names all three by these."""

    EPISODE = "episode"
    SEASON = "season"
    SHOW = "show"


@dataclass(frozen=True, slots=True)
class Scope:
    """One show, season or episode of a tenant, with the show and the season that it is or belongs to."""

    kind: ScopeKind
    id: int
    tenant: str
    show: int
    season: int | None = None


@dataclass(frozen=True, slots=True)
class Watched:
    """What some views add up to; times are seconds. Viewers of several days cannot be added, so they are apart."""

    view_count: int = 0
    total_seconds: float = 0.0
    unique_seconds: float = 0.0
    completed: int = 0

    @property
    def completion_rate(self) -> float:
        """Percent of the views that were watched to the end; 0 without any."""
        return 100.0 * self.completed / self.view_count if self.view_count else 0.0

    @classmethod
    def sum_of(cls, parts: Iterable["Watched"]) -> "Watched":
        """All parts together."""
        parts = list(parts)
        return cls(
            sum(one.view_count for one in parts),
            sum(one.total_seconds for one in parts),
            sum(one.unique_seconds for one in parts),
            sum(one.completed for one in parts),
        )


NOTHING = Watched()


@dataclass(frozen=True, slots=True)
class DayWatched:
    """One day of views, and how many distinct users they were of."""

    watched: Watched = NOTHING
    unique_viewers: int = 0


NO_DAY = DayWatched()


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days (UTC) from the first to the last, both included."""

    first: date
    last: date

    def days(self) -> list[date]:
        """Each of them, in order."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class MetricsRead:
    """What one moment of the database says of a scope.

    `raw` has the days of which a view has changed since they were rolled up, counted from the views; `past` is what
    the buckets of all other days add up to, and `stored` those of them that lie in the range asked for.
    """

    viewers: int
    past: Watched
    stored: Mapping[date, DayWatched] = field(default_factory=dict)
    raw: Mapping[date, DayWatched] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The answer: all of time, and each day of a range, also those without views."""

    watched: Watched
    unique_viewers: int
    days: Mapping[date, DayWatched]
