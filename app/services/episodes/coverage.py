"""Which parts of an episode were seen: stretches on a grid of at most a thousand cells.

What a beat covers depends on the beat alone and never on when it arrives; the union of all is the same in any order.
"""

from collections.abc import Mapping, Sequence
from math import floor

from app.models.episodes.watching import Stretch

CELLS = 1_000
HUNDREDTHS = 100


def cell_seconds(duration: int) -> float:
    """How long one cell is: a second, or a thousandth of a longer episode."""
    return max(1.0, duration / CELLS)


def played_range(position: float, seconds: float, duration: int) -> tuple[float, float] | None:
    """The content, in seconds from its begin, that ends at `position`; none when nothing of it is in the episode."""
    start, end = max(0.0, position - seconds), min(float(duration), position)
    return (start, end) if start < end else None


def stretch_of(start: float, end: float, duration: int) -> Stretch | None:
    """The cells of a range, each end rounded; none when both fall on one.

    Ranges that follow each other meet in one rounded end, so what one cell loses, the next one has.
    """
    cell = cell_seconds(duration)
    first, last = floor(start / cell + 0.5), floor(end / cell + 0.5)
    return (first, last) if first < last else None


def with_stretch(covered: Sequence[Stretch], added: Stretch) -> tuple[Stretch, ...]:
    """Merged and ascending, with one more; between two there is always a cell, so there are at most half as many."""
    first, last = added
    before = [stretch for stretch in covered if stretch[1] < first]
    after = [stretch for stretch in covered if stretch[0] > last]
    touched = covered[len(before) : len(covered) - len(after)]
    if touched:
        first, last = min(first, touched[0][0]), max(last, touched[-1][1])
    return (*before, (first, last), *after)


def covered_seconds(covered: Sequence[Stretch], duration: int) -> float:
    """How much of the episode that is."""
    cells = sum(last - first for first, last in covered)
    return min(float(duration), cells * cell_seconds(duration))


def with_heat(
    heat: Mapping[int, float], played: tuple[float, float], seconds: float, duration: int
) -> dict[int, float]:
    """The same with `seconds` spread over the hundredths that the range touches, each as far as it is touched."""
    (start, end), width = played, duration / HUNDREDTHS
    hotter = dict(heat)
    for point in range(int(start / width), min(HUNDREDTHS - 1, int(end / width)) + 1):
        share = (min(end, (point + 1) * width) - max(start, point * width)) / (end - start)
        if share > 0:
            hotter[point] = round(hotter.get(point, 0.0) + seconds * share, 6)
    return hotter
