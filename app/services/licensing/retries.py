"""When something that did not work is tried again."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

_MOST_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Retries:
    """Exponential pauses with jitter, until `give_up_after` has passed since the first attempt was due."""

    base: timedelta
    cap: timedelta
    give_up_after: timedelta
    source: random.Random = field(default_factory=random.Random)

    def next_at(self, attempts: int, since: datetime, now: datetime) -> datetime | None:
        """When attempt number `attempts + 1` is due; `None` when there is none."""
        due = now + self.pause(attempts)
        return due if due <= since + self.give_up_after else None

    def pause(self, attempts: int) -> timedelta:
        """How long to wait before attempt number `attempts + 1`."""
        doublings: int = 2 ** min(attempts - 1, _MOST_DOUBLINGS)
        longest = min(self.cap, self.base * doublings)
        # Between half and all of it, so that what failed together does not come back together.
        return longest * self.source.uniform(0.5, 1.0)
