"""How long to wait before a write is made again."""

import random
from dataclasses import dataclass, field

from app.errors import FailureReason


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential pauses with full jitter, in seconds.

    A conflict is over in milliseconds (another transaction on the same song); a database that is away needs longer,
    and must not be hammered when it comes back.
    """

    conflict_base: float = 0.002
    conflict_cap: float = 0.1
    away_base: float = 0.05
    away_cap: float = 0.5
    source: random.Random = field(default_factory=random.Random)

    def pause(self, attempt: int, reason: FailureReason) -> float:
        """Seconds to wait before attempt number `attempt + 1`."""
        if reason is FailureReason.CONFLICT:
            return self._jittered(self.conflict_base, self.conflict_cap, attempt)
        return self._jittered(self.away_base, self.away_cap, attempt)

    def _jittered(self, base: float, cap: float, attempt: int) -> float:
        longest: float = min(cap, base * 2.0 ** min(attempt - 1, 16))
        return self.source.uniform(0.5, 1.0) * longest
