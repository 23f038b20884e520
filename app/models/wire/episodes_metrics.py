"""Metrics, retention and live viewers of episodes as they are shown."""

from datetime import date
from typing import Self

from app.models.episodes.metrics import DayWatched, Metrics
from app.models.episodes.retention import Retention, RetentionPoint
from app.models.episodes.viewers import EpisodeViewers, TenantViewers
from app.models.wire.base import Moment, SnakeModel

_PERCENT_DIGITS = 2
_SHARE_DIGITS = 4
_SECOND_DIGITS = 3


class DayMetricsShown(SnakeModel):
    """One day (UTC) of views; a view belongs to the day on which it began."""

    day: date
    view_count: int
    unique_viewers: int
    total_watch_time: int
    unique_seconds: int
    completion_rate: float

    @classmethod
    def of(cls, day: date, found: DayWatched) -> Self:
        """Show a day."""
        return cls(
            day=day,
            view_count=found.watched.view_count,
            unique_viewers=found.unique_viewers,
            total_watch_time=_whole(found.watched.total_seconds),
            unique_seconds=_whole(found.watched.unique_seconds),
            completion_rate=round(found.watched.completion_rate, _PERCENT_DIGITS),
        )


class MetricsShown(SnakeModel):
    """All of time, and the days that were asked for; whole seconds, `completion_rate` in percent of the views."""

    view_count: int
    unique_viewers: int
    total_watch_time: int
    unique_seconds: int
    completion_rate: float
    days: list[DayMetricsShown]

    @classmethod
    def of(cls, metrics: Metrics) -> Self:
        """Show the answer."""
        return cls(
            view_count=metrics.watched.view_count,
            unique_viewers=metrics.unique_viewers,
            total_watch_time=_whole(metrics.watched.total_seconds),
            unique_seconds=_whole(metrics.watched.unique_seconds),
            completion_rate=round(metrics.watched.completion_rate, _PERCENT_DIGITS),
            days=[DayMetricsShown.of(day, found) for day, found in metrics.days.items()],
        )


class RetentionPointShown(SnakeModel):
    """One hundredth of an episode; `retention` is a share (0..1) of the views, `heat` how often a view plays it."""

    at_seconds: float
    retention: float
    heat: float

    @classmethod
    def of(cls, point: RetentionPoint) -> Self:
        """Show a point."""
        return cls(
            at_seconds=round(point.at_seconds, _SECOND_DIGITS),
            retention=round(point.retention, _SHARE_DIGITS),
            heat=round(point.heat, _SHARE_DIGITS),
        )


class RetentionShown(SnakeModel):
    """The curve, as it was at `computed_at`; `null` when nothing was computed yet."""

    episode_id: int
    duration_seconds: int
    views: int
    points: list[RetentionPointShown]
    computed_at: Moment | None

    @classmethod
    def of(cls, found: Retention) -> Self:
        """Show a curve."""
        return cls(
            episode_id=found.episode,
            duration_seconds=found.duration_seconds,
            views=found.views,
            points=[RetentionPointShown.of(point) for point in found.points],
            computed_at=found.computed_at,
        )


class EpisodeViewersShown(SnakeModel):
    """Distinct users who watch an episode at present."""

    episode_id: int
    viewers: int

    @classmethod
    def of(cls, found: EpisodeViewers) -> Self:
        """Show a count."""
        return cls(episode_id=found.episode, viewers=found.viewers)


class TenantViewersShown(SnakeModel):
    """Distinct users who watch anything of the tenant, and the episodes that most of them watch, at most 20."""

    viewers: int
    episodes: list[EpisodeViewersShown]

    @classmethod
    def of(cls, found: TenantViewers) -> Self:
        """Show the counts."""
        return cls(viewers=found.viewers, episodes=[EpisodeViewersShown.of(one) for one in found.episodes])


def _whole(seconds: float) -> int:
    """Whole seconds, as a player shows them; what adding up has lost in the last digits is not missing."""
    return int(round(seconds, _SECOND_DIGITS))
