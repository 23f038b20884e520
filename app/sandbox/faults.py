"""Faults on demand: what goes wrong, for which calls, and how often."""

import time
from dataclasses import dataclass, field
from enum import StrEnum

FOR_EVER = float("inf")
_SLOW_SECONDS = 30.0


class FaultKind(StrEnum):
    """What can go wrong."""

    TOO_MANY = "429"
    """The provider's own refusal, without a word on when to come back."""
    TOO_MANY_RETRY_AFTER = "429_retry_after"
    FAILED = "500"
    SLOW = "slow"
    BROKEN_JSON = "broken_json"
    CUT = "cut"
    """The head and half of the body, then the connection is gone."""
    HTML = "html"
    HUGE = "huge"
    """10 MiB of valid JSON, without a `Content-Length`."""
    ZIP_BOMB = "zip_bomb"
    """10 kB that unpack to 10 MiB."""
    REDIRECT_LOOPBACK = "redirect_loopback"
    """To this server under another name, where `/trap` records who comes."""
    REDIRECT_ELSEWHERE = "redirect_elsewhere"
    REDIRECT_SAME = "redirect_same"
    """To the same address again: harmless when it is asked for once."""
    WRONG_TYPES = "wrong_types"
    SCRIPT_TITLES = "script_titles"
    JAVASCRIPT_URLS = "javascript_urls"
    DOWN = "down"
    """The connection is closed without an answer."""


@dataclass(slots=True)
class Fault:
    """One fault, for the next `count` calls whose path holds `path` (`None`: for all that come).

    `seconds` is how slow a slow answer is, and how long any other fault stands. `retry_after` is sent as it is:
    seconds, or an HTTP date.
    """

    kind: FaultKind
    count: int | None = None
    seconds: float | None = None
    retry_after: str = "1"
    path: str = ""
    ordered_at: float = field(default_factory=time.monotonic)

    @property
    def delay(self) -> float:
        """Seconds by which an answer is late."""
        if self.kind is not FaultKind.SLOW:
            return 0.0
        return _SLOW_SECONDS if self.seconds is None else self.seconds

    def is_over(self, now: float) -> bool:
        """Whether it has happened often enough, or long enough."""
        lasts = FOR_EVER if self.kind is FaultKind.SLOW or self.seconds is None else self.seconds
        return self.count == 0 or now - self.ordered_at > lasts


class FaultDesk:
    """The faults of one provider, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """From now on."""
        self._faults.append(fault)

    def clear(self) -> None:
        """No more faults."""
        self._faults.clear()

    def take(self, path: str) -> Fault | None:
        """The fault that this call meets, if any; it is used up by that."""
        now = time.monotonic()
        self._faults = [one for one in self._faults if not one.is_over(now)]
        met = next((one for one in self._faults if one.path in path), None)
        if met is not None and met.count is not None:
            met.count -= 1
        return met
