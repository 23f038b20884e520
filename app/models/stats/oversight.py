"""What admins watch: how far rollups are behind, which programs play, and how much is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.models.stats.periods import TimeRange


@dataclass(frozen=True, slots=True)
class Backlog:
    """Marks that no rollup has removed yet: days of tracks, the oldest of them put at `oldest_at`.

    Not `is_complete` when there are more tracks with marks than were looked at.
    """

    tracks: int
    days: int
    oldest_at: datetime | None
    is_complete: bool


@dataclass(frozen=True, slots=True)
class RollupLag:
    """How far rollups are behind at a moment, and from which day on there are any."""

    at: datetime
    backlog: Backlog
    covered_from: datetime | None

    @property
    def seconds(self) -> float:
        """How long the oldest mark has been waiting; 0 when none does."""
        oldest = self.backlog.oldest_at
        return 0.0 if oldest is None else max(0.0, (self.at - oldest).total_seconds())


@dataclass(frozen=True, slots=True)
class BotStanding:
    """Plays that are set aside for one reason, by how many sessions, and the last of them."""

    reason: str
    plays: int
    sessions: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class BotRanking:
    """The reasons with the most plays; over the latest `looked_at` of a range, which `is_complete` when that is all."""

    time_range: TimeRange
    looked_at: int
    is_complete: bool
    bots: tuple[BotStanding, ...]


@dataclass(frozen=True, slots=True)
class Holdings:
    """How many documents each collection has, by the database's own bookkeeping."""

    at: datetime
    documents: Mapping[str, int]
