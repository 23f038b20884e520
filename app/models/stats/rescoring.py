"""Judging past events anew: what is known of a row, and how its verdict changes."""

from dataclasses import dataclass
from datetime import datetime

from app.models.jobs import Summary
from app.models.privacy import RowKey
from app.models.stats.events import Exclusion

OwnPair = tuple[str, str]
"""A user id, and the id of a track that this user plays."""


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """A raw event, as far as a verdict depends on it; `user_agent` is `None` when nothing was stored, not even ''."""

    key: RowKey
    track_id: str
    session_id: str
    timestamp: datetime | None
    user_id: str | None
    user_agent: str | None
    verdict: Exclusion | None


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A row whose verdict `before` is not what it should be."""

    key: RowKey
    before: Exclusion | None
    after: Exclusion | None


@dataclass(slots=True)
class RescoreReport:
    """How many rows were looked at, and how many changed: to not counted, to counted, or only in the reason why not."""

    looked: int = 0
    newly_excluded: int = 0
    restored: int = 0
    other_reason: int = 0

    def add(self, change: VerdictChange) -> None:
        """Take in a change that was made."""
        if change.before is None:
            self.newly_excluded += 1
        elif change.after is None:
            self.restored += 1
        else:
            self.other_reason += 1

    @property
    def summary(self) -> Summary:
        """In numbers."""
        return {
            "looked": self.looked,
            "newlyExcluded": self.newly_excluded,
            "restored": self.restored,
            "otherReason": self.other_reason,
        }


def is_same(one: Exclusion | None, other: Exclusion | None) -> bool:
    """Whether two verdicts say the same; which version of the rules said it first is not part of it."""
    if one is None or other is None:
        return one is other
    return (one.kind, one.reason) == (other.kind, other.reason)
