"""Backfills: rolling up a range of days from raw events, in pieces that survive whoever works on them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.models.stats.periods import Interval


class BackfillState(StrEnum):
    """How far a backfill has come; one that is `RUNNING` may have lost its process, and is then taken up by another."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Backfill:
    """A range of whole days, done from its end to its start: what lies at or after `done_from` is finished.

    One that `extends_coverage` makes the days that it has done trusted by readers.
    """

    id: str
    interval: Interval
    done_from: datetime
    state: BackfillState
    extends_coverage: bool
    created_at: datetime
    updated_at: datetime
    error: str | None = None

    @property
    def rest(self) -> Interval:
        """What is still to be done."""
        return Interval(self.interval.start, self.done_from)

    @property
    def is_over(self) -> bool:
        """Whether nobody will work on it any more."""
        return self.state in {BackfillState.DONE, BackfillState.FAILED}

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.interval.end - self.interval.start).days

    @property
    def days_done(self) -> int:
        """How many of them are finished."""
        return (self.interval.end - self.done_from).days
