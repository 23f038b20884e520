"""Quotas: which calls are counted in which windows, and how a provider's ledger stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.models.licensing.providers import ProviderName, ProviderSetup

LONGEST_CALL = timedelta(seconds=15)
"""From the reservation of a call to the last moment at which it may still arrive at the provider."""

BACKGROUND_PERCENT = 80
"""What background calls may use of every limit; the rest is for people who wait."""

_SLOTS = 60
_SHORTEST_SLOT = timedelta(milliseconds=100)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

ALWAYS_COUNTED = (
    ("perMinute", timedelta(minutes=1)),
    ("perHour", timedelta(hours=1)),
    ("perDay", timedelta(days=1)),
)
"""Counted whether there is a limit or not: a limit that an admin sets holds for the calls before it, too."""


@dataclass(frozen=True, slots=True)
class CountedWindow:
    """Calls in any stretch of `length`, at most `limit` of them if there is one.

    `path` narrows it to calls of one kind.
    """

    name: str
    length: timedelta
    limit: int | None = None
    path: str | None = None

    @property
    def slot(self) -> timedelta:
        """How finely the time at which a call stops counting is told apart."""
        return max(_SHORTEST_SLOT, self.length / _SLOTS)

    def counts(self, kind: str) -> bool:
        """Whether calls of this kind count."""
        return self.path is None or self.path == kind

    def cap(self, *, background: bool) -> int | None:
        """How many calls there may be at once for whoever asks."""
        if self.limit is None or not background:
            return self.limit
        return max(1, self.limit * BACKGROUND_PERCENT // 100)

    def held_until(self, ended_at: datetime) -> datetime:
        """When a call that ended then stops counting: a whole window later, at the end of the slot."""
        return ended_at - (ended_at - _EPOCH) % self.slot + self.slot + self.length


def windows_of(setup: ProviderSetup) -> tuple[CountedWindow, ...]:
    """Every window in which calls of a provider are counted; the first three are `ALWAYS_COUNTED`."""
    limits = {window.name: window.limit for window in setup.rate_limit.windows()}
    always = (CountedWindow(name, length, limits.get(name)) for name, length in ALWAYS_COUNTED)
    extra = (CountedWindow(one.name, one.length, one.limit, one.path) for one in setup.policy.extra_windows)
    return (*always, *extra)


@dataclass(frozen=True, slots=True)
class Wish:
    """So many calls of a kind that would like a place."""

    kind: str
    background: bool
    count: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """So many calls that are over: from now on they count for a window, and no longer for `LONGEST_CALL` more."""

    kind: str
    reserved_at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Counted:
    """So many calls that count until then."""

    until: datetime
    calls: int


@dataclass(frozen=True, slots=True)
class WindowStanding:
    """The calls that count in one window."""

    window: CountedWindow
    counted: tuple[Counted, ...]

    @property
    def usage(self) -> int:
        """Calls that count, those under way included."""
        return sum(one.calls for one in self.counted)

    @property
    def remaining(self) -> int | None:
        """Calls that are free; `None` without a limit."""
        return None if self.window.limit is None else max(0, self.window.limit - self.usage)

    def free_at(self, now: datetime, *, background: bool = False) -> datetime:
        """When the next call is free, if those under way end now."""
        cap = self.window.cap(background=background)
        if cap is None or (in_the_way := self.usage - cap + 1) <= 0:
            return now
        ends_now = self.window.held_until(now)
        for one in sorted(self.counted, key=lambda counted: counted.until):
            in_the_way -= one.calls
            if in_the_way <= 0:
                return min(one.until, ends_now)
        return ends_now


@dataclass(frozen=True, slots=True)
class QuotaStanding:
    """How a provider's ledger stood at `as_of`, by the database's clock; nobody may call before `blocked_until`."""

    as_of: datetime
    windows: tuple[WindowStanding, ...]
    blocked_until: datetime | None = None

    @property
    def is_blocked(self) -> bool:
        """Whether the provider has asked to be left alone."""
        return self.blocked_until is not None and self.blocked_until > self.as_of

    def tightest(self, kind: str | None = None, *, background: bool = False) -> WindowStanding | None:
        """The window in which the next call of this kind (`None`: of no kind in particular) is free the latest."""
        counting = list(self._counting(kind))
        return max(counting, key=lambda one: one.free_at(self.as_of, background=background), default=None)

    def free_at(self, kind: str | None = None, *, background: bool = False) -> datetime:
        """When the next call is free, if those under way end now; `as_of` when one is."""
        blocked = self.blocked_until if self.blocked_until and self.is_blocked else self.as_of
        return max(
            blocked, *(one.free_at(self.as_of, background=background) for one in self._counting(kind)), self.as_of
        )

    def _counting(self, kind: str | None) -> Iterator[WindowStanding]:
        for one in self.windows:
            if one.window.path is None or one.window.path == kind:
                yield one


@dataclass(frozen=True, slots=True)
class Turn:
    """What one update of the ledger gave: places for each wish in turn, and how it stands now."""

    granted: tuple[int, ...]
    standing: QuotaStanding


@dataclass(frozen=True, slots=True)
class Place:
    """A place in every quota, for one call that must be over at `deadline` (seconds of the running loop's clock)."""

    provider: ProviderName
    kind: str
    reserved_at: datetime
    deadline: float


@dataclass(frozen=True, slots=True)
class ProviderQuota:
    """How the quotas of one provider stand."""

    provider: ProviderName
    standing: QuotaStanding
