"""How calls to providers went: counts by hour, errors by kind, and latencies as a histogram."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, log2

from app.models.licensing.providers import ProviderName

_STEPS = 8
"""Steps of the histogram for a doubling: a latency is shown with an error of at most 4.5 %."""
_LAST_STEP = 15 * _STEPS


class CallFault(StrEnum):
    """Why a call gave nothing."""

    UNREACHABLE = "unreachable"
    CUT_OFF = "cut_off"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    CLIENT_ERROR = "status_4xx"
    SERVER_ERROR = "status_5xx"
    REDIRECT = "redirect"
    TOO_LARGE = "too_large"
    BROKEN = "broken"


def step_of(took: timedelta) -> int:
    """The step of the histogram that a latency belongs to; the first holds all up to 1 ms, the last all from 33 s."""
    milliseconds = took / timedelta(milliseconds=1)
    return min(_LAST_STEP, ceil(_STEPS * log2(milliseconds))) if milliseconds > 1 else 0


def latency_of(step: int) -> float:
    """The middle of a step, in milliseconds."""
    return float(2.0 ** ((step - 0.5) / _STEPS))


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Latencies in milliseconds."""

    p50: float
    p95: float
    p99: float


@dataclass(slots=True)
class CallCounts:
    """Calls that were made, those among them that failed by kind, and the steps of all latencies."""

    calls: int = 0
    faults: dict[CallFault, int] = field(default_factory=dict)
    steps: dict[int, int] = field(default_factory=dict)
    last_error_at: datetime | None = None

    def note(self, fault: CallFault | None, took: timedelta, at: datetime) -> None:
        """Count one call."""
        self.calls += 1
        step = step_of(took)
        self.steps[step] = self.steps.get(step, 0) + 1
        if fault is not None:
            self.faults[fault] = self.faults.get(fault, 0) + 1
            self.last_error_at = at

    def add(self, other: "CallCounts") -> None:
        """Count the calls of another, too."""
        self.calls += other.calls
        for fault, count in other.faults.items():
            self.faults[fault] = self.faults.get(fault, 0) + count
        for step, count in other.steps.items():
            self.steps[step] = self.steps.get(step, 0) + count
        self.last_error_at = max(filter(None, (self.last_error_at, other.last_error_at)), default=None)

    @property
    def errors(self) -> int:
        """Calls that failed."""
        return sum(self.faults.values())

    @property
    def error_rate(self) -> float:
        """Percent of the calls that failed."""
        return 100 * self.errors / self.calls if self.calls else 0.0

    @property
    def latency(self) -> Percentiles | None:
        """`None` when there was no call."""
        if not self.steps:
            return None
        return Percentiles(self._percentile(0.5), self._percentile(0.95), self._percentile(0.99))

    def _percentile(self, share: float) -> float:
        rank = max(1, ceil(share * sum(self.steps.values())))
        for step in sorted(self.steps):
            rank -= self.steps[step]
            if rank <= 0:
                return latency_of(step)
        return latency_of(_LAST_STEP)


@dataclass(frozen=True, slots=True)
class CallHour:
    """Which calls are counted together: of one kind to one provider in one hour (UTC)."""

    provider: ProviderName
    kind: str
    hour: datetime


@dataclass(frozen=True, slots=True)
class ProviderReport:
    """How the calls to one provider went, in all and by kind."""

    provider: ProviderName
    total: CallCounts
    kinds: Mapping[str, CallCounts]
