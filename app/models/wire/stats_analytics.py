"""Statistics as they are shown to admins."""

from typing import Self

from pydantic import Field

from app.models.stats.analytics import Analytics, Metric, Point, TimeSeries, Uniques
from app.models.stats.periods import Granularity, TimeRange
from app.models.stats.tallies import Tally
from app.models.wire.base import CamelModel, Moment

FROM = Field(serialization_alias="from", alias_priority=2, description="Null when nothing ever happened.")
TO = Field(serialization_alias="to", alias_priority=2)


class PlaysShown(CamelModel):
    """Plays. Durations in seconds, rates in percent; `uniquePlays` are distinct sessions."""

    total_plays: int
    unique_plays: int
    unique_plays_is_estimate: bool
    source_breakdown: dict[str, int]
    country_breakdown: dict[str, int]
    avg_duration: float
    avg_completion_rate: float
    skip_rate: float
    replay_rate: float

    @classmethod
    def of(cls, tally: Tally, uniques: Uniques) -> Self:
        """Show plays."""
        return cls(
            total_plays=tally.plays,
            unique_plays=uniques.count,
            unique_plays_is_estimate=uniques.is_estimate,
            source_breakdown=ordered(tally.sources),
            country_breakdown=ordered(tally.countries),
            avg_duration=tally.avg_duration,
            avg_completion_rate=tally.avg_completion_rate,
            skip_rate=tally.skip_rate,
            replay_rate=tally.replay_rate,
        )


class LikesShown(CamelModel):
    """Like actions, and those that took one back."""

    total_likes: int
    total_unlikes: int


class SharesShown(CamelModel):
    """Shares, by where to."""

    total_shares: int
    platform_breakdown: dict[str, int]


class DownloadsShown(CamelModel):
    """Downloads."""

    total_downloads: int


class SavesShown(CamelModel):
    """Saves to playlists, and those that took one back."""

    total_saves: int
    total_unsaves: int


class AnalyticsAnswer(CamelModel):
    """What a range adds up to; with `metric` only that part is there."""

    time_range: TimeRange
    start: Moment | None = FROM
    end: Moment = TO
    plays: PlaysShown | None = None
    likes: LikesShown | None = None
    shares: SharesShown | None = None
    downloads: DownloadsShown | None = None
    saves: SavesShown | None = None

    @classmethod
    def of(cls, found: Analytics, metric: Metric | None) -> Self:
        """Show an answer, or one part of it."""
        tally = found.tally
        parts = {
            Metric.PLAYS: PlaysShown.of(tally, found.uniques),
            Metric.LIKES: LikesShown(total_likes=tally.likes, total_unlikes=tally.unlikes),
            Metric.SHARES: SharesShown(total_shares=tally.shares, platform_breakdown=ordered(tally.platforms)),
            Metric.DOWNLOADS: DownloadsShown(total_downloads=tally.downloads),
            Metric.SAVES: SavesShown(total_saves=tally.saves, total_unsaves=tally.unsaves),
        }
        asked = {one.value: part for one, part in parts.items() if metric in {None, one}}
        frame = {"time_range": found.time_range, "start": found.start, "end": found.end}
        return cls.model_validate({**frame, **asked})


class PointShown(CamelModel):
    """One period; only what lies in the range."""

    start: Moment
    total_plays: int
    total_likes: int
    total_shares: int
    total_downloads: int
    total_saves: int
    avg_duration: float
    avg_completion_rate: float
    skip_rate: float
    replay_rate: float
    unique_plays: int
    unique_plays_is_estimate: bool

    @classmethod
    def of(cls, point: Point) -> Self:
        """Show a point."""
        tally = point.tally
        return cls(
            start=point.start,
            total_plays=tally.plays,
            total_likes=tally.likes,
            total_shares=tally.shares,
            total_downloads=tally.downloads,
            total_saves=tally.saves,
            avg_duration=tally.avg_duration,
            avg_completion_rate=tally.avg_completion_rate,
            skip_rate=tally.skip_rate,
            replay_rate=tally.replay_rate,
            unique_plays=point.uniques.count,
            unique_plays_is_estimate=point.uniques.is_estimate,
        )


class TimeSeriesAnswer(CamelModel):
    """A range in periods of the calendar (UTC, weeks from Monday), those without events too."""

    time_range: TimeRange
    granularity: Granularity
    start: Moment | None = FROM
    end: Moment = TO
    points: list[PointShown]

    @classmethod
    def of(cls, found: TimeSeries) -> Self:
        """Show a series."""
        return cls(
            time_range=found.time_range,
            granularity=found.granularity,
            start=found.start,
            end=found.end,
            points=[PointShown.of(point) for point in found.points],
        )


def ordered(breakdown: dict[str, int]) -> dict[str, int]:
    """The largest first, of equals by name; without zeros."""
    shown = sorted(breakdown.items(), key=lambda item: (-item[1], item[0]))
    return {name: count for name, count in shown if count}
