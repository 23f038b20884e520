"""Counts the plays of a session by the minute, for as many recent ones as fit."""

from collections import OrderedDict
from typing import NamedTuple

from app.models.stats.events import StatsEvent

# Of play ids; one alone in its minute, as most are, takes some 450 bytes with everything around it.
_MOST_KEPT = 50_000


class Minute(NamedTuple):
    """One UTC minute of one session, by when its plays happened."""

    session_id: str
    minute: int

    @classmethod
    def of(cls, event: StatsEvent) -> "Minute":
        """The minute that an event lies in."""
        return cls(event.session_id, int(event.timestamp.timestamp()) // 60)


class RecentPlays:
    """Distinct plays by minute, so that a request which is made again counts once; the longest unused are let go."""

    def __init__(self, limit: int, most_kept: int = _MOST_KEPT) -> None:
        self._limit = limit
        # One minute must fit in itself, however large the limit.
        self._most_kept = max(most_kept, 2 * limit)
        self._kept = 0
        self._minutes: OrderedDict[Minute, set[int]] = OrderedDict()

    def add(self, minute: Minute, event_id: str) -> None:
        """Note one play."""
        plays = self._minutes.setdefault(minute, set())
        if len(plays) <= self._limit:
            before = len(plays)
            plays.add(hash(event_id))
            self._kept += len(plays) - before
        self._minutes.move_to_end(minute)
        while self._kept > self._most_kept:
            _, oldest = self._minutes.popitem(last=False)
            self._kept -= len(oldest)

    def are_too_many(self, minute: Minute) -> bool:
        """Whether more plays than the limit are known of that minute."""
        return len(self._minutes.get(minute, ())) > self._limit
