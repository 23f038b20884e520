"""Moving windows in this process's memory.

The `limits` package has such a storage, but it walks over all keys, with a thread hop for each, at every hit; with
100,000 users that is the whole processor. This one touches only the key that is hit, and sweeps in small portions.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

_SWEEP_AT_A_TIME = 4


class Standing(NamedTuple):
    """How a window stands after a hit: the time of the oldest hit that counts, and how many count."""

    is_allowed: bool
    oldest: float
    hits: int


class MemoryWindows:
    """For each key the times of the hits that were allowed, as long as they count."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._hits: dict[str, deque[float]] = {}
        self._ends: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._hits)

    def hit(self, key: str, limit: int, expiry: int) -> Standing:
        """Allow one hit now, unless more than `limit` would then lie within `expiry` seconds."""
        now = self._now()
        hits = self._hits.setdefault(key, deque())
        while hits and hits[0] <= now - expiry:
            hits.popleft()
        is_allowed = len(hits) < limit
        if is_allowed:
            hits.append(now)
            # Moved to the end, so that the first key is always the one that ends next.
            self._ends.pop(key, None)
            self._ends[key] = now + expiry
        self._sweep(now)
        return Standing(is_allowed, hits[0] if hits else now, len(hits))

    def _sweep(self, now: float) -> None:
        """Forget keys whose window has passed, a few at each hit, so that memory follows the active users."""
        for _ in range(_SWEEP_AT_A_TIME):
            first = next(iter(self._ends), None)
            if first is None or self._ends[first] > now:
                return
            del self._ends[first]
            self._hits.pop(first, None)
