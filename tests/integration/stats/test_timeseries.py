"""Points over time: each equals a recount of what lies in its period and in the range."""

import random
from collections.abc import Sequence

import pytest

from app.errors import Invalid
from app.models.stats.analytics import Bots, Scope, TimeSeries, Uniques
from app.models.stats.periods import Granularity, Interval, TimeRange, day_of
from app.repositories.artists import ArtistRepository
from app.repositories.mongo import Mongo
from app.repositories.stats_analytics import StatsAnalyticsRepository
from app.repositories.tracks import TrackRepository
from app.services.stats import uniques
from app.services.stats.scopes import Scopes
from app.services.stats.timeseries import TimeSeriesService
from tests.integration.stats.recounting import (
    DAY,
    NOW,
    TRACKS,
    World,
    random_row,
    random_world,
    recount,
    sessions,
    within,
)
from tests.integration.stats.test_analytics import SCOPES, At, counted, range_before


def service(mongo: Mongo) -> TimeSeriesService:
    tracks = TrackRepository(mongo)
    scopes = Scopes(tracks, ArtistRepository(mongo), tracks)
    return TimeSeriesService(StatsAnalyticsRepository(mongo), scopes, At())


def starts(found: TimeSeries) -> list:
    """Every period from the first that the range touches to the one that it ends in."""
    assert found.start is not None
    result = [found.granularity.start_of(found.start)]
    while found.granularity.after(result[-1]) <= NOW:
        result.append(found.granularity.after(result[-1]))
    return result


def assert_equal(found: TimeSeries, world: World, tracks: Sequence[str] | None, bots: Bots) -> None:
    assert [point.start for point in found.points] == starts(found)
    everything = within(world.rows, range_before(found.time_range), tracks)
    kinds = [None, "bot"] if bots is Bots.INCLUDE else [None]
    for point in found.points:
        rows = within(everything, Interval(point.start, found.granularity.after(point.start)))
        assert point.tally == counted(recount(rows), bots), point.start
        assert point.uniques == Uniques(len(sessions(rows, kinds))), point.start


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("granularity", list(Granularity))
async def test_every_point_equals_a_recount(mongo: Mongo, seed: int, granularity: Granularity) -> None:
    world = await random_world(mongo, seed, former=500)
    ranges = [TimeRange.DAY, TimeRange.MONTH, TimeRange.ALL]
    for number, (scope, tracks) in enumerate(SCOPES.items()):
        bots = list(Bots)[number % 2]
        for time_range in ranges:
            found = await service(mongo).series(scope, time_range, granularity, bots)
            assert_equal(found, world, tracks, bots)


async def test_points_of_many_listeners_are_estimated(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uniques, "RECOUNTED_UP_TO", 0)
    world = await random_world(mongo, 1)
    found = await service(mongo).series(Scope(), TimeRange.QUARTER, Granularity.MONTH)
    assert any(point.uniques.is_estimate for point in found.points)
    for point in found.points:
        rows = within(world.rows, Interval(point.start, Granularity.MONTH.after(point.start)))
        assert point.uniques.count == pytest.approx(len(sessions(rows)), rel=0.02, abs=1)


async def test_an_archived_day_counts_in_its_first_hour(mongo: Mongo) -> None:
    world = await random_world(mongo, 1)
    day = day_of(NOW - 3 * DAY)
    await world.archive(TRACKS[0], day)
    found = await service(mongo).series(Scope(), TimeRange.WEEK, Granularity.HOUR)
    gone = within(world.rows, Interval(day, day + DAY), TRACKS[:1])
    first = next(point for point in found.points if point.start == day)
    rest = [row for row in within(world.rows, Interval(day, Granularity.HOUR.after(day))) if row not in gone]
    assert first.tally == recount([*gone, *rest]).counted
    assert (
        sum(point.tally.plays for point in found.points)
        == recount(within(world.rows, range_before(TimeRange.WEEK))).counted.plays
    )


async def test_nothing_at_all_has_no_points(mongo: Mongo) -> None:
    found = await service(mongo).series(Scope(), TimeRange.ALL, Granularity.DAY)
    assert (found.start, found.points) == (None, ())


async def test_too_many_points_are_refused(mongo: Mongo) -> None:
    world = World(mongo)
    await world.add_catalogue()
    await world.add([random_row(random.Random(1)) | {"timestamp": NOW - 500 * DAY}])
    with pytest.raises(Invalid, match="granularity=day"):
        await service(mongo).series(Scope(), TimeRange.ALL, Granularity.HOUR)
