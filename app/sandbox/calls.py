"""The record of every call that arrived."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from app.sandbox.peaks import RollingPeaks

ALL = "all"
UNCOUNTED = frozenset({"token", "audio"})
"""Kinds of calls that no provider's limits count."""
_MOST_KEPT = 20_000

Query = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class CallMade:
    """One call. `at` is seconds since 1970; `status` is 0 while it is answered, and when it is cut off."""

    at: float
    kind: str
    method: str
    path: str
    query: Query
    status: int = 0
    fault: str | None = None


class CallLog:
    """The last 20,000 calls to one provider, and exact peaks of all."""

    def __init__(self) -> None:
        self.calls: deque[CallMade] = deque(maxlen=_MOST_KEPT)
        self.peaks: dict[str, RollingPeaks] = {ALL: RollingPeaks()}
        self.total = 0

    def add(self, call: CallMade, moment: float) -> None:
        """Record one that has arrived at `moment` of a clock that never goes back."""
        self.total += 1
        self.calls.append(call)
        self.peaks.setdefault(call.kind, RollingPeaks()).add(moment)
        if call.kind not in UNCOUNTED:
            self.peaks[ALL].add(moment)


def without_secrets(query: Iterable[tuple[str, str]], secret: frozenset[str]) -> Query:
    """The query as it may be kept."""
    return tuple((name, value) for name, value in query if name not in secret)
