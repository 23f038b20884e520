"""Kept answers of providers: how one lies in the store, what a caller gets of it, and what was saved by keeping."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from app.models.licensing.providers import CacheKind, ProviderName
from app.models.licensing.search import Source
from app.models.licensing.tracks import ProviderTrack

T = TypeVar("T")


@dataclass(frozen=True)  # without slots, as Page: Kept[X](...) must work in Python 3.11
class Kept(Generic[T]):
    """An answer; `observed_at` is when the provider gave it, and until `fresh_until` it is not asked again."""

    value: T
    source: Source
    observed_at: datetime
    fresh_until: datetime


@dataclass(frozen=True, slots=True)
class Looked:
    """A track, and when and how it was last seen at its provider."""

    track: ProviderTrack
    source: Source
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where answers of one kind of one provider lie."""

    provider: ProviderName
    kind: CacheKind


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What an answer is stored under; `id` is unique over all shelves."""

    id: str
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class SharedFailure:
    """Why a call failed, told to those in other processes who waited for it.

    `is_quota` tells a spent quota from any other failure of the provider.
    """

    message: str
    is_quota: bool = False
    status: int | None = None
    is_open: bool = False
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class KeptBody:
    """An answer in the store. `body` is compressed JSON; `None` says that the provider has no such thing.

    `generation` is that of its shelf when the call began: what is older than the last invalidation does not count.
    """

    body: bytes | None
    observed_at: datetime
    fresh_until: datetime
    expires_at: datetime
    generation: int


@dataclass(frozen=True, slots=True)
class Slot:
    """What lies in one place of the store at this moment.

    `claimed_by` names the flight that is fetching a new answer; `failure` is how the flight `failed_by` ended.
    """

    kept: KeptBody | None = None
    claimed_by: str | None = None
    failed_by: str | None = None
    failure: SharedFailure | None = None


@dataclass(slots=True)
class Tally:
    """Requests by what became of them.

    Each is one of a hit (fresh and kept), a miss (a provider had to be asked) and stale (kept, too old, and the
    provider did not answer); `coalesced` are the misses that shared somebody else's call.
    """

    hits: int = 0
    misses: int = 0
    stale: int = 0
    coalesced: int = 0

    def add(self, other: "Tally") -> None:
        """Count the other's, too."""
        self.hits += other.hits
        self.misses += other.misses
        self.stale += other.stale
        self.coalesced += other.coalesced

    @property
    def hit_rate(self) -> float:
        """Hits in 100 requests; 0 before the first."""
        requests = self.hits + self.misses + self.stale
        return 100 * self.hits / requests if requests else 0.0


@dataclass(frozen=True, slots=True)
class Holding:
    """How much a shelf holds: answers, and their size in bytes as they are stored."""

    entries: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class ShelfReport:
    """What a shelf holds, and what became of the requests for it."""

    shelf: Shelf
    tally: Tally = field(default_factory=Tally)
    holding: Holding = field(default_factory=Holding)


@dataclass(frozen=True, slots=True)
class CacheReport:
    """All shelves that anything is known of, over the days from `since` on, with their sums."""

    since: datetime
    shelves: tuple[ShelfReport, ...]
    tally: Tally
    holding: Holding
