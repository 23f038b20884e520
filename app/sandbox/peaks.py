"""Counts the calls of every stretch of time exactly, however it is placed."""

from array import array
from bisect import bisect_right

SECOND, MINUTE, HOUR, DAY = 1.0, 60.0, 3_600.0, 86_400.0
WINDOWS = {"second": SECOND, "minute": MINUTE, "hour": HOUR, "day": DAY}
_MOST_KEPT = 500_000  # times of eight bytes each: 4 MB
_NOT_WORTH_COPYING = 1_000


class RollingPeaks:
    """The most calls in any rolling second, minute, hour and day.

    Exact while no more than half a million calls arrive in a day; after that the peak of the day is too low, and
    `is_exact` is false.
    """

    def __init__(self) -> None:
        self._times = array("d")
        self._firsts = dict.fromkeys(WINDOWS, 0)
        self.peaks = dict.fromkeys(WINDOWS, 0)
        self.count = 0
        self.is_exact = True

    def add(self, at: float) -> None:
        """Count a call; `at` is in seconds of a clock that never goes back."""
        self.count += 1
        self._times.append(at)
        for name, length in WINDOWS.items():
            # A call that is a whole window old no longer stands in the way of another.
            first = bisect_right(self._times, at - length, lo=self._firsts[name])
            self._firsts[name] = first
            self.peaks[name] = max(self.peaks[name], len(self._times) - first)
        self._forget()

    def most_within(self, seconds: float) -> int:
        """The most calls in any stretch of so many seconds, among the kept."""
        most, first = 0, 0
        for last, at in enumerate(self._times):
            while self._times[first] <= at - seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def _forget(self) -> None:
        """Drop what no window needs, once that is half of it; and the oldest tenth, once it is too much."""
        spare = self._firsts["day"]
        if len(self._times) > _MOST_KEPT and spare < _MOST_KEPT // 10:
            self.is_exact, spare = False, _MOST_KEPT // 10
        elif spare < _NOT_WORTH_COPYING or spare * 2 <= len(self._times):
            return
        del self._times[:spare]
        self._firsts = {name: max(0, first - spare) for name, first in self._firsts.items()}
