"""When each song may be emitted next: at once after a pause, otherwise spaced, and never more than once waiting."""

from heapq import heappop, heappush
from typing import Generic, TypeVar

Key = TypeVar("Key")


class EmitSchedule(Generic[Key]):
    """Moments (seconds, any monotonic clock) at which keys are due; every operation is O(log n) or better."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._queue: list[tuple[float, int, Key]] = []
        self._waiting: set[Key] = set()
        self._not_before: dict[Key, float] = {}
        self._sequence = 0

    def request(self, key: Key, now: float) -> bool:
        """Make a key due as soon as the spacing allows; false when it waits already."""
        if key in self._waiting:
            return False
        self._push(key, max(now, self._not_before.get(key, now)))
        return True

    def emitted(self, key: Key, now: float) -> None:
        """Keep the spacing from here on."""
        self._not_before[key] = now + self._interval

    def forget(self, key: Key) -> None:
        """Nobody listens any more."""
        self._not_before.pop(key, None)

    def take_due(self, now: float) -> list[Key]:
        """The keys whose moment has come; each must be requested again to be due again."""
        due = []
        while self._queue and self._queue[0][0] <= now:
            key = self._pop()
            not_before = self._not_before.get(key, now)
            if not_before > now:  # requested while it was being emitted, when the end of that was not known yet
                self._push(key, not_before)
            else:
                due.append(key)
        return due

    def take_all(self) -> list[Key]:
        """Every key that waits, spacing or not."""
        return [self._pop() for _ in range(len(self._queue))]

    @property
    def next_at(self) -> float | None:
        """When the next key is due."""
        return self._queue[0][0] if self._queue else None

    def _push(self, key: Key, at: float) -> None:
        self._waiting.add(key)
        self._sequence += 1
        heappush(self._queue, (at, self._sequence, key))

    def _pop(self) -> Key:
        key = heappop(self._queue)[2]
        self._waiting.discard(key)
        return key
