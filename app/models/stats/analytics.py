"""Questions about statistics, and their answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.models.stats.buckets import Split
from app.models.stats.events import EventType
from app.models.stats.periods import Granularity, Period, TimeRange
from app.models.stats.tallies import Tally


class Metric(StrEnum):
    """A part of an answer that can be asked for alone."""

    PLAYS = "plays"
    LIKES = "likes"
    SHARES = "shares"
    DOWNLOADS = "downloads"
    SAVES = "saves"

    @property
    def kind(self) -> EventType:
        """The events that it is counted from."""
        return EventType(self.value.removesuffix("s"))


class Bots(StrEnum):
    """Whether plays of known bots are counted."""

    EXCLUDE = "exclude"
    INCLUDE = "include"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose events: of one track (by any of its names), of the tracks of one artist, or of everything."""

    track: str | None = None
    artist: str | None = None


@dataclass(frozen=True, slots=True)
class Uniques:
    """How many distinct sessions played; an estimate is within 2 % in 95 of 100 cases."""

    count: int = 0
    is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class Analytics:
    """What a range adds up to; `start` is `None` when it has no beginning."""

    time_range: TimeRange
    start: datetime | None
    end: datetime
    tally: Tally
    uniques: Uniques


@dataclass(frozen=True, slots=True)
class Point:
    """What a period of the calendar adds up to, as far as it lies in the range."""

    start: datetime
    tally: Tally
    uniques: Uniques


@dataclass(frozen=True, slots=True)
class TimeSeries:
    """A range in periods, without gaps; `start` is `None` when there is nothing at all."""

    time_range: TimeRange
    granularity: Granularity
    start: datetime | None
    end: datetime
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class StoredBucket:
    """A bucket without its sketches; `track_id` is empty in those of everything."""

    track_id: str
    period: Period
    split: Split
    uniques: Uniques


@dataclass(frozen=True, slots=True)
class ArchivedDay:
    """The part of a day of a track whose rows have left the database, and the sketches of the whole day."""

    track_id: str
    day: datetime
    split: Split
    sketches: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """Distinct sessions among the raw plays of a period, and how many plays these were."""

    sessions: int
    plays: int
