"""Buckets: what one track's events of one period add up to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.models.stats.events import ExclusionKind
from app.models.stats.listeners import Listeners
from app.models.stats.periods import Period
from app.models.stats.tallies import Tally


@dataclass(slots=True)
class Split:
    """Events by verdict: those that count, those of bots, and an artist's own."""

    counted: Tally = field(default_factory=Tally)
    bots: Tally = field(default_factory=Tally)
    own: Tally = field(default_factory=Tally)

    def of(self, kind: ExclusionKind | None) -> Tally:
        """The tally of one verdict; `None` is no objection."""
        if kind is None:
            return self.counted
        return self.bots if kind is ExclusionKind.BOT else self.own

    def add(self, other: "Split") -> None:
        """Take in what another split has counted."""
        self.counted.add(other.counted)
        self.bots.add(other.bots)
        self.own.add(other.own)

    @property
    def events(self) -> int:
        """How many events these are, whatever the verdict."""
        return self.counted.events + self.bots.events + self.own.events


@dataclass(slots=True)
class Bucket:
    """One track (or, in the platform's buckets, everything) in one period.

    `unique_plays` is exact unless `is_estimate`; the sketches are of counted plays, and of those of bots.
    `archived` is the part of `split` whose rows have left the database. `hours` is what the hours (0..23) with events
    of a busy day add up to; `None` when they are not kept.
    """

    track_id: str
    period: Period
    split: Split
    unique_plays: int
    is_estimate: bool
    listeners: Listeners
    bot_listeners: Listeners
    archived: Split | None = None
    hours: Mapping[int, Split] | None = None
