"""Moving windows in this process's memory.

The `limits` package has such a storage, but it walks over all keys, with a thread hop for each, at every hit; with
100,000 users that is the whole processor. This one touches only the key that is hit, and sweeps in small portions.
"""

import time
from collections import deque
from collections.abc import Callable

from limits.aio.storage import MovingWindowSupport, Storage

_SWEEP_AT_A_TIME = 4


class MemoryWindows(Storage, MovingWindowSupport):
    """For each key the times of the hits that were allowed, as long as they count."""

    STORAGE_SCHEME = ["async+playledger-memory"]  # noqa: RUF012 - the base class wants a list

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = now
        self._hits: dict[str, deque[float]] = {}
        self._ends: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._hits)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What this storage raises by itself: nothing."""
        return ValueError

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Allow `amount` hits now, unless more than `limit` would then lie within `expiry` seconds."""
        now = self._now()
        hits = self._hits.setdefault(key, deque())
        _drop_before(hits, now - expiry)
        allowed = len(hits) + amount <= limit
        if allowed:
            hits.extend([now] * amount)
            # Moved to the end, so that the first key is always the one that ends next.
            self._ends.pop(key, None)
            self._ends[key] = now + expiry
        self._sweep(now)
        return allowed

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002
        """The time of the oldest hit that counts, and how many count."""
        now = self._now()
        hits = self._hits.get(key)
        if hits is None:
            return now, 0
        _drop_before(hits, now - expiry)
        return (hits[0] if hits else now), len(hits)

    def _sweep(self, now: float) -> None:
        """Forget keys whose window has passed, a few at each hit, so that memory follows the active users."""
        for _ in range(_SWEEP_AT_A_TIME):
            first = next(iter(self._ends), None)
            if first is None or self._ends[first] > now:
                return
            del self._ends[first]
            self._hits.pop(first, None)

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Not offered: fixed windows let through twice the limit around their edge."""
        raise NotImplementedError

    async def get(self, key: str) -> int:
        """How many hits of this key are remembered."""
        return len(self._hits.get(key, ()))

    async def get_expiry(self, key: str) -> float:
        """When the last hit of this key stops to count."""
        return self._ends.get(key, self._now())

    async def check(self) -> bool:
        """Memory is always there."""
        return True

    async def reset(self) -> int | None:
        """Forget everything."""
        forgotten = len(self._hits)
        self._hits.clear()
        self._ends.clear()
        return forgotten

    async def clear(self, key: str) -> None:
        """Forget one key."""
        self._hits.pop(key, None)
        self._ends.pop(key, None)


def _drop_before(hits: deque[float], moment: float) -> None:
    while hits and hits[0] <= moment:
        hits.popleft()
