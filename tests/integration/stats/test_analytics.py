"""Answers equal a recount of the raw rows, whatever is rolled up, marked or not covered."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import NotFound
from app.models.stats.analytics import Analytics, Bots, Metric, Scope, Uniques
from app.models.stats.buckets import Split
from app.models.stats.periods import Interval, TimeRange, day_of
from app.models.stats.tallies import Tally
from app.repositories.artists import ArtistRepository
from app.repositories.mongo import Mongo
from app.repositories.stats_analytics import StatsAnalyticsRepository
from app.repositories.tracks import TrackRepository
from app.services.stats import uniques
from app.services.stats.analytics import AnalyticsService
from app.services.stats.scopes import Scopes
from tests.integration.stats.recounting import (
    ARTISTS,
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

SCOPES: dict[Scope, Sequence[str] | None] = {
    Scope(): None,
    **{Scope(artist=artist): tracks for artist, tracks in ARTISTS.items()},
    Scope(track=TRACKS[0]): TRACKS[:1],
    Scope(track=TRACKS[4]): TRACKS[4:5],
}


@dataclass(frozen=True)
class At:
    """A clock that stands."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment


def analytics(mongo: Mongo, now: datetime = NOW) -> AnalyticsService:
    tracks = TrackRepository(mongo)
    scopes = Scopes(tracks, ArtistRepository(mongo), tracks)
    return AnalyticsService(StatsAnalyticsRepository(mongo), scopes, At(now))


def range_before(time_range: TimeRange, now: datetime = NOW) -> Interval:
    length = time_range.length or timedelta(days=5_000)
    return Interval(now - length, now)


def counted(split: Split, bots: Bots) -> Tally:
    tally = Tally()
    tally.add(split.counted)
    if bots is Bots.INCLUDE:
        tally.add(split.bots)
    return tally


def assert_equal(found: Analytics, world: World, tracks: Sequence[str] | None, bots: Bots) -> None:
    rows = within(world.rows, range_before(found.time_range), tracks)
    assert found.tally == counted(recount(rows), bots)
    kinds = [None, "bot"] if bots is Bots.INCLUDE else [None]
    assert found.uniques == Uniques(len(sessions(rows, kinds)), is_estimate=False)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6])
async def test_every_answer_equals_a_recount(mongo: Mongo, seed: int) -> None:
    world = await random_world(mongo, seed)
    service = analytics(mongo)
    for scope, tracks in SCOPES.items():
        for time_range in TimeRange:
            for bots in Bots:
                assert_equal(await service.analyse(scope, time_range, bots), world, tracks, bots)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 5, 7])
async def test_many_listeners_are_estimated_and_flagged(
    mongo: Mongo, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uniques, "RECOUNTED_UP_TO", 0)
    world = await random_world(mongo, seed)
    service = analytics(mongo)
    flagged = 0
    for scope, tracks in SCOPES.items():
        for bots in Bots:
            found = await service.analyse(scope, TimeRange.QUARTER, bots)
            kinds = [None, "bot"] if bots is Bots.INCLUDE else [None]
            expected = len(sessions(within(world.rows, range_before(TimeRange.QUARTER), tracks), kinds))
            assert found.uniques.count == pytest.approx(expected, rel=0.02, abs=1)
            flagged += found.uniques.is_estimate
    assert flagged >= len(SCOPES)


async def test_one_whole_bucket_is_exact_whatever_its_size(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uniques, "RECOUNTED_UP_TO", 0)
    world = World(mongo)
    await world.add_catalogue()
    rng, new_year = random.Random(1), datetime(2026, 1, 1, tzinfo=UTC)
    await world.add([random_row(rng, days=40) for _ in range(300)])
    await world.add([random_row(rng) | {"trackId": TRACKS[0], "timestamp": new_year}])
    await world.roll_up(new_year, set())
    found = await analytics(mongo).analyse(Scope(track=TRACKS[0]), TimeRange.ALL)
    assert found.uniques == Uniques(len(sessions(within(world.rows, range_before(TimeRange.ALL), TRACKS[:1]))))
    assert await mongo.db["yearly_stats"].count_documents({}) == len(TRACKS)


async def test_archived_days_count_whole(mongo: Mongo) -> None:
    world = await random_world(mongo, 3, former=1200, later=40)
    edge = day_of(NOW - 30 * DAY)
    for track in TRACKS[:4]:
        for day in (edge, edge + DAY, edge - 9 * DAY):
            await world.archive(track, day)
    marked = within(world.rows, Interval(edge + DAY, edge + 2 * DAY), TRACKS[:2])
    await world.mark(marked)
    service = analytics(mongo)
    for scope, tracks in SCOPES.items():
        for time_range in (TimeRange.MONTH, TimeRange.QUARTER, TimeRange.ALL):
            found = await service.analyse(scope, time_range)
            rows = within(world.rows, range_before(time_range), tracks)
            if time_range is TimeRange.MONTH:
                ids = {row["_id"] for row in rows}
                whole = within(world.rows, Interval(edge, edge + DAY), TRACKS[:4])
                rows += [row for row in whole if row["_id"] not in ids and (tracks is None or row["trackId"] in tracks)]
            assert found.tally == recount(rows).counted, (scope, time_range)
            assert found.uniques.count == pytest.approx(len(sessions(rows)), rel=0.02, abs=1)


async def test_the_range_is_told(mongo: Mongo) -> None:
    service = analytics(mongo)
    nothing = await service.analyse(Scope(), TimeRange.ALL)
    assert (nothing.start, nothing.end, nothing.tally, nothing.uniques) == (None, NOW, Tally(), Uniques())
    month = await service.analyse(Scope(), TimeRange.MONTH)
    assert (month.start, month.end) == (NOW - timedelta(days=30), NOW)
    world = await random_world(mongo, 1)
    first = min(row["timestamp"] for row in world.rows)
    assert (await service.analyse(Scope(), TimeRange.ALL)).start == day_of(first)


@pytest.mark.parametrize("metric", list(Metric))
async def test_a_metric_alone_is_the_same(mongo: Mongo, metric: Metric) -> None:
    world = await random_world(mongo, 2)
    found = (await analytics(mongo).analyse(Scope(), TimeRange.MONTH, metric=metric)).tally
    rows = within(world.rows, range_before(TimeRange.MONTH))
    assert getattr(found, metric.value) == getattr(recount(rows).counted, metric.value)


async def test_unknown_names_are_not_found(mongo: Mongo) -> None:
    for scope in (Scope(track="none"), Scope(artist="none")):
        with pytest.raises(NotFound):
            await analytics(mongo).analyse(scope, TimeRange.WEEK)


async def test_an_artist_without_tracks_has_zeros(mongo: Mongo) -> None:
    await mongo.db["artists"].insert_one({"_id": "new", "name": "New", "userId": "u"})
    found = await analytics(mongo).analyse(Scope(artist="new"), TimeRange.ALL)
    assert (found.start, found.tally, found.uniques) == (None, Tally(), Uniques())
