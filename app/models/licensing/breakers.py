"""Circuit breakers: whether a provider is called at all."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BreakerState(StrEnum):
    """`CLOSED` lets calls through, `OPEN` does not, `HALF_OPEN` lets one through to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """The breaker of one provider in this process; `opens_until` is when the next call is let through."""

    state: BreakerState = BreakerState.CLOSED
    opens_until: datetime | None = None
