"""Rolling up and comparing on demand, as it is asked for and shown."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from app.clock import iso
from app.models.stats.backfills import Backfill
from app.models.stats.drift import BucketDrift, StatsDriftReport, TrackDrift
from app.models.stats.periods import Interval
from app.models.stats.rollups import DAY, EVER
from app.models.wire.base import CamelModel, Moment

_SHOWN = 100


def _possible(given: date) -> date:
    if not EVER.start.year <= given.year < EVER.end.year:
        raise ValueError(f"must lie between {EVER.start.year} and {EVER.end.year}")
    return given


DayOrMoment = Annotated[
    AwareDatetime | date,
    Field(
        description="A day, or a time with its offset from UTC.", examples=["2026-11-01"], union_mode="left_to_right"
    ),
    AfterValidator(_possible),
]


class RollupRange(CamelModel):
    """What is to be rolled up: whole days (UTC); a day that is `to` is the last one, a time is where it ends."""

    start: DayOrMoment = Field(alias="from")
    end: DayOrMoment = Field(alias="to")

    @model_validator(mode="after")
    def _check(self) -> Self:
        interval = self.to_interval()
        if interval.is_empty:
            raise ValueError("`to` must not be before `from`")
        return self

    def to_interval(self) -> Interval:
        """From the start up to, and without, the end."""
        is_day = not isinstance(self.end, datetime)
        return Interval(_moment(self.start), _moment(self.end) + (DAY if is_day else 0 * DAY))


def _moment(given: date) -> datetime:
    return given.astimezone(UTC) if isinstance(given, datetime) else datetime.combine(given, time(), UTC)


class RollupOrdered(CamelModel):
    """The job that does it."""

    job_id: str


class RollupShown(CamelModel):
    """How far a job has come; it goes from the last day to the first."""

    job_id: str
    state: str
    start: Moment = Field(serialization_alias="from")
    end: Moment = Field(serialization_alias="to")
    days: int
    days_done: int
    created_at: Moment
    updated_at: Moment
    error: str | None

    @classmethod
    def of(cls, backfill: Backfill) -> Self:
        """Show a job."""
        return cls(
            job_id=backfill.id,
            state=backfill.state.value,
            start=backfill.interval.start,
            end=backfill.interval.end,
            days=backfill.days,
            days_done=backfill.days_done,
            created_at=backfill.created_at,
            updated_at=backfill.updated_at,
            error=backfill.error,
        )


class TrackDriftShown(CamelModel):
    """A counter of a track that does not equal its events."""

    track_id: str
    counter: str
    stored: int
    counted: int

    @classmethod
    def of(cls, drift: TrackDrift) -> Self:
        """Show it."""
        return cls(track_id=drift.track_id, counter=drift.counter, stored=drift.stored, counted=drift.counted)


class BucketDriftShown(CamelModel):
    """A number of a bucket that does not equal a recount; `trackId` is null in those of everything."""

    track_id: str | None
    granularity: str
    date: str
    field: str
    stored: float
    counted: float

    @classmethod
    def of(cls, drift: BucketDrift) -> Self:
        """Show it."""
        return cls(
            track_id=None if drift.is_of_everything else drift.track_id,
            granularity=drift.period.granularity.value,
            date=iso(drift.period.start)[:10],
            field=drift.field,
            stored=drift.stored,
            counted=drift.counted,
        )


class RollupDriftShown(CamelModel):
    """Buckets against a recount: how many were compared, how many differ, and in what (at most 100)."""

    buckets: int
    drift: int
    found: list[BucketDriftShown]


class StatsDriftShown(CamelModel):
    """Counters against events (at most 100 are shown), and buckets; not `complete` when the time was up before."""

    checked_at: Moment
    complete: bool
    tracks: int
    drift: int
    found: list[TrackDriftShown]
    rollups: RollupDriftShown

    @classmethod
    def of(cls, report: StatsDriftReport) -> Self:
        """Show a report."""
        return cls(
            checked_at=report.checked_at,
            complete=report.is_complete,
            tracks=report.tracks,
            drift=report.drift,
            found=[TrackDriftShown.of(one) for one in report.found[:_SHOWN]],
            rollups=RollupDriftShown(
                buckets=report.buckets,
                drift=report.drifting_buckets,
                found=[BucketDriftShown.of(one) for one in report.found_in_buckets[:_SHOWN]],
            ),
        )
