"""Growth, rates, and how they are shown."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Invalid
from app.models.stats.analytics import Analytics, Metric, Uniques
from app.models.stats.periods import Granularity, Interval, TimeRange
from app.models.stats.tallies import Tally, growth
from app.models.wire.dashboard import EngagementShown, GrowthShown
from app.models.wire.stats_analytics import AnalyticsAnswer
from app.models.wire.stats_csv import analytics_csv, safe_cell
from app.services.stats.questions import Question, stretch_of
from app.services.stats.timeseries import check_points

NOW = datetime(2026, 2, 25, 13, 47, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("current", "previous", "expected"), [(3, 2, 50), (1, 2, -50), (0, 4, -100), (4, 4, 0), (7, 0, None), (0, 0, None)]
)
def test_growth(current: int, previous: int, expected: float | None) -> None:
    assert growth(current, previous) == expected


def test_growth_over_nothing_is_null() -> None:
    shown = GrowthShown.of(Tally(plays=3, likes=1), Tally(plays=2))
    assert (shown.plays_growth, shown.likes_growth, shown.shares_growth) == (50, None, None)
    assert GrowthShown.of(Tally(plays=3), None).plays_growth is None


def test_rates_without_plays_are_zero() -> None:
    assert EngagementShown.of(Tally(likes=3, shares=1)).like_rate == 0
    assert EngagementShown.of(Tally(plays=8, likes=3)).like_rate == 37.5


def test_a_range_ends_with_today() -> None:
    stretch = stretch_of(TimeRange.DAY, NOW)
    assert stretch == Interval(NOW - timedelta(days=1), datetime(2026, 2, 26, tzinfo=UTC))
    assert stretch_of(TimeRange.ALL, NOW).is_empty


def test_points_are_cut_at_the_edges() -> None:
    points = Question(None, stretch_of(TimeRange.DAY, NOW), by=Granularity.DAY).points()
    assert list(points) == [datetime(2026, 2, 24, tzinfo=UTC), datetime(2026, 2, 25, tzinfo=UTC)]
    assert next(iter(points.values())) == Interval(NOW - timedelta(days=1), datetime(2026, 2, 25, tzinfo=UTC))


@pytest.mark.parametrize(
    ("days", "granularity", "better"),
    [(417, Granularity.HOUR, "day"), (11_000, Granularity.HOUR, "week"), (11_000, Granularity.DAY, "week")],
)
def test_too_many_points_are_refused(days: int, granularity: Granularity, better: str) -> None:
    with pytest.raises(Invalid, match=f"granularity={better}"):
        check_points(Interval(NOW - timedelta(days=days), NOW), granularity)


@pytest.mark.parametrize(
    ("days", "granularity"), [(416, Granularity.HOUR), (10_000, Granularity.DAY), (90_000, Granularity.YEAR)]
)
def test_ten_thousand_points_are_shown(days: int, granularity: Granularity) -> None:
    check_points(Interval(NOW - timedelta(days=days), NOW), granularity)


def answer(metric: Metric | None = None, **sums: object) -> AnalyticsAnswer:
    found = Analytics(TimeRange.WEEK, NOW - timedelta(days=7), NOW, Tally(**sums), Uniques(3, is_estimate=True))
    return AnalyticsAnswer.of(found, metric)


def test_csv_has_a_line_for_each_number() -> None:
    rows = list(csv.reader(io.StringIO(analytics_csv(answer(plays=4, sources={"landing": 3, "search": 1})))))
    assert rows[:4] == [
        ["metric", "value"],
        ["timeRange", "7d"],
        ["from", "2026-02-18T13:47:11.000Z"],
        ["to", "2026-02-25T13:47:11.000Z"],
    ]
    values = dict(rows)
    assert values["plays.totalPlays"] == "4"
    assert values["plays.uniquePlaysIsEstimate"] == "true"
    assert values["plays.sourceBreakdown.landing"] == "3"
    assert values["saves.totalSaves"] == "0"


def test_csv_of_one_metric_has_only_that() -> None:
    rows = list(csv.reader(io.StringIO(analytics_csv(answer(Metric.LIKES, likes=4, unlikes=1)))))
    assert [row[0] for row in rows[4:]] == ["likes.totalLikes", "likes.totalUnlikes"]


@pytest.mark.parametrize("name", ["=1+1", "@x", "-2", " +3", "\tx", "|cmd"])
def test_no_cell_is_a_formula(name: str) -> None:
    """A breakdown is named by what a client sent."""
    assert safe_cell(name) == f"'{name}"
    rows = list(csv.reader(io.StringIO(analytics_csv(answer(sources={name: 1})), newline="")))
    assert ["plays.sourceBreakdown." + name, "1"] in rows


def test_numbers_stay_numbers() -> None:
    assert [safe_cell(cell) for cell in (3, 2.5, True, None, "2026-02-25")] == [3, 2.5, "true", None, "2026-02-25"]
