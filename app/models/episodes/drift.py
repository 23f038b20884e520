"""What a comparison of the derived numbers of the episodes wing with their rows found."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumberDrift:
    """One stored number that is not what its rows count; `key` names its document."""

    key: str
    field: str
    stored: float
    counted: float

    @property
    def size(self) -> float:
        """How far off it is, without sign."""
        return abs(self.stored - self.counted)


@dataclass(frozen=True, slots=True)
class Compared:
    """One piece of a comparison: how many documents were compared, and what was found."""

    documents: int
    found: tuple[NumberDrift, ...] = ()


@dataclass(frozen=True, slots=True)
class EpisodeDriftReport:
    """All that was found; zero drift is the promise."""

    audiences: int
    buckets: int
    found_in_audiences: tuple[NumberDrift, ...]
    found_in_buckets: tuple[NumberDrift, ...]
    is_repaired: bool

    @property
    def drift(self) -> int:
        """Viewers that are too many or too few, without sign."""
        return int(sum(one.size for one in self.found_in_audiences))

    @property
    def drifting_buckets(self) -> int:
        """Buckets with a number that is off."""
        return len({one.key for one in self.found_in_buckets})

    @property
    def summary(self) -> Mapping[str, int]:
        """The report in numbers."""
        return {
            "audiences": self.audiences,
            "drift": self.drift,
            "buckets": self.buckets,
            "driftingBuckets": self.drifting_buckets,
        }
