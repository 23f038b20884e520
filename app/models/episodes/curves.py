"""Where in an episode views were, in hundredths of its length."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

POINTS = 100
_CELLS = 1_000


@lru_cache(maxsize=4096)
def cells_of_points(duration_seconds: int) -> tuple[int, ...]:
    """The grid cell in which each hundredth begins; a cell is a second, or a thousandth of what is longer."""
    if duration_seconds >= _CELLS:
        return tuple(point * (_CELLS // POINTS) for point in range(POINTS))
    return tuple(point * duration_seconds // POINTS for point in range(POINTS))


@dataclass(slots=True)
class Curve:
    """Added up over views: `reach`, how many covered the moment at which each hundredth begins, and `heat`, how often
    each hundredth was played."""

    reach: list[int] = field(default_factory=lambda: [0] * POINTS)
    heat: list[float] = field(default_factory=lambda: [0.0] * POINTS)

    def merge(self, other: "Curve") -> None:
        """Take in what others have added up."""
        self.reach = [one + more for one, more in zip(self.reach, other.reach, strict=True)]
        self.heat = [one + more for one, more in zip(self.heat, other.heat, strict=True)]


class CurveSum:
    """Adds up views. It notes only where the reach rises and falls: many views pass through a process that serves."""

    def __init__(self) -> None:
        self._steps = [0] * (POINTS + 1)
        self._heat = [0.0] * POINTS

    def add(self, duration_seconds: int, covered: Iterable[Sequence[int]], heat: Mapping[str, float]) -> None:
        """Take in one view: its merged stretches in grid cells, and the seconds that it played of each hundredth."""
        cells = cells_of_points(duration_seconds)
        for start, end in covered:
            self._steps[bisect_left(cells, start)] += 1
            self._steps[bisect_left(cells, end)] -= 1
        for name, seconds in heat.items():
            self._heat[int(name)] += seconds * POINTS / duration_seconds

    @property
    def curve(self) -> Curve:
        """All of them together."""
        return Curve(list(accumulate(self._steps[:POINTS])), list(self._heat))
