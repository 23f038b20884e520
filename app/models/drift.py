"""What a comparison of counters and rows found."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SongDrift:
    """One counter of one song that does not equal its rows."""

    song_id: str
    counter: str
    stored: int
    counted: int

    @property
    def size(self) -> int:
        """How far off the counter is, without sign."""
        return abs(self.stored - self.counted)


@dataclass(frozen=True, slots=True)
class DriftReport:
    """All that was found; zero drift is the promise."""

    songs: int
    found: tuple[SongDrift, ...]
    is_repaired: bool

    @property
    def drift(self) -> int:
        """The sum of all drift, without sign."""
        return sum(one.size for one in self.found)

    @property
    def summary(self) -> Mapping[str, int]:
        """The report in numbers."""
        return {"songs": self.songs, "drifting": len(self.found), "drift": self.drift}
