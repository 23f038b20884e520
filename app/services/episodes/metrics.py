"""What shows, seasons and episodes were watched: exact in every answer, whatever is rolled up."""

from datetime import date, timedelta
from typing import Protocol

from app.clock import Clock
from app.errors import FieldError, Invalid
from app.models.episodes.metrics import NO_DAY, DayRange, Metrics, MetricsRead, Scope, ScopeKind, Watched

MOST_DAYS = 366
_USUAL_DAYS = 30


class Places(Protocol):
    """What a tenant has."""

    async def scope(self, tenant: str, kind: ScopeKind, scope_id: int) -> Scope:
        """The show, season or episode of this id, or `NotFound`."""
        ...


class MetricsReader(Protocol):
    """Reads buckets and views."""

    async def read(self, scope: Scope, days: DayRange) -> MetricsRead:
        """Both, of one moment."""
        ...


class MetricsService:
    """Answers what was watched."""

    def __init__(self, places: Places, reader: MetricsReader, clock: Clock) -> None:
        self._places = places
        self._reader = reader
        self._clock = clock

    async def of(
        self, tenant: str, kind: ScopeKind, scope_id: int, first: date | None = None, last: date | None = None
    ) -> Metrics:
        """All of time, and the days from `first` to `last`, which are the last 30 unless it is said.

        Raises:
            Invalid: the days are none, or too many.
            NotFound: the tenant has no such thing.
            Unavailable: the database is away.
        """
        days = self._range(first, last)
        scope = await self._places.scope(tenant, kind, scope_id)
        return combined(await self._reader.read(scope, days), days)

    def _range(self, first: date | None, last: date | None) -> DayRange:
        last = last or self._clock.now().date()
        first = first or date.fromordinal(max(1, last.toordinal() - _USUAL_DAYS + 1))
        if first > last:
            raise _invalid("from", "must not be after to")
        if last - first >= timedelta(days=MOST_DAYS):
            raise _invalid("from", f"must be at most {MOST_DAYS} days before the end")
        return DayRange(first, last)


def combined(read: MetricsRead, days: DayRange) -> Metrics:
    """The answer out of what was read."""
    watched = Watched.sum_of([read.past, *(one.watched for one in read.raw.values())])
    found = {**read.stored, **read.raw}
    return Metrics(watched, read.viewers, {day: found.get(day, NO_DAY) for day in days.days()})


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(f"{field} {message}", [FieldError(field, message)])
