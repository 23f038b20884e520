"""Answers about statistics find everything by an index, and read little of what does not matter."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from app.models.stats.analytics import Bots, Metric, Scope
from app.models.stats.periods import Granularity, TimeRange, day_of
from app.repositories.stats_bots import StatsBotRepository
from app.repositories.stats_dirt import StatsDirtRepository
from app.services.stats import uniques
from tests.integration.explained import RecordedMongo, plans_of
from tests.integration.migrating import database, service
from tests.integration.stats.recounting import DAY, NOW, TRACKS, random_world
from tests.integration.stats.test_analytics import analytics
from tests.integration.stats.test_dashboard import dashboards
from tests.integration.stats.test_timeseries import service as time_series

# Songs are looked up by the repository of tracks.
OTHERS = {"songs"}
Ask = Callable[[RecordedMongo], Awaitable[object]]


@pytest.fixture(scope="module")
async def filled(mongod: str) -> AsyncIterator[RecordedMongo]:
    """Some events of late on a year of old ones, all rolled up but a few days."""
    async with database(mongod) as mongo:
        await service(mongo).up()
        await random_world(mongo, 5, former=3_000)
        await mongo.db["rollup_state"].update_one({}, {"$set": {"from": day_of(NOW) - 40 * DAY}})
        await mongo.db["daily_stats"].update_one({}, {"$set": {"archived": {}}})
        recorded = RecordedMongo(mongod, mongo.db.name)
        yield recorded
        recorded.close()


QUESTIONS: dict[str, Ask] = {
    "everything": lambda mongo: analytics(mongo).analyse(Scope(), TimeRange.MONTH),
    "everything ever": lambda mongo: analytics(mongo).analyse(Scope(), TimeRange.ALL, Bots.INCLUDE),
    "an artist": lambda mongo: analytics(mongo).analyse(Scope(artist="artist-1"), TimeRange.YEAR),
    "an artist, likes": lambda mongo: analytics(mongo).analyse(
        Scope(artist="artist-1"), TimeRange.ALL, metric=Metric.LIKES
    ),
    "a track": lambda mongo: analytics(mongo).analyse(Scope(track=TRACKS[0]), TimeRange.MONTH),
    "hours": lambda mongo: time_series(mongo).series(Scope(), TimeRange.WEEK, Granularity.HOUR),
    "months": lambda mongo: time_series(mongo).series(Scope(track=TRACKS[0]), TimeRange.ALL, Granularity.MONTH),
    "a dashboard": lambda mongo: dashboards(mongo).show("user-of-artist-1", TimeRange.MONTH),
    "the latest events": lambda mongo: dashboards(mongo).activity("user-of-artist-1"),
    "marks that wait": lambda mongo: StatsDirtRepository(mongo).backlog(),
    "top bots": lambda mongo: StatsBotRepository(mongo).ranking(NOW - timedelta(days=30), 50_000, 10),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("recounted_up_to", [0, 1_000])
async def test_no_answer_scans_a_collection(
    filled: RecordedMongo, name: str, recounted_up_to: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uniques, "RECOUNTED_UP_TO", recounted_up_to)
    filled.recorder.commands.clear()
    await QUESTIONS[name](filled)
    plans = [plan for plan in await plans_of(filled) if plan.collection not in OTHERS]
    assert plans
    for plan in plans:
        assert "COLLSCAN" not in plan.stages, plan
        assert plan.indexes or {"EOF", "IDHACK"} & set(plan.stages), plan


async def test_the_latest_plays_are_merged_and_not_sorted(filled: RecordedMongo) -> None:
    filled.recorder.commands.clear()
    await dashboards(filled).show("user-of-artist-1", TimeRange.MONTH)
    latest = [plan for plan in await plans_of(filled) if plan.command.get("sort")]
    assert {plan.collection for plan in latest} == {"play_events", "like_events"}
    for plan in latest:
        assert "SORT_MERGE" in plan.stages, plan
        assert "SORT" not in plan.stages, plan
        assert plan.documents_examined < 40, plan


async def test_an_edge_of_everything_reads_raw_at_most_an_hour(filled: RecordedMongo) -> None:
    """The day on which the last thirty begin has hours, and no marks."""
    day = day_of(NOW - timedelta(days=30))
    await filled.db["tracks"].update_many({}, {"$unset": {f"dirty.{day:%Y-%m-%d}": ""}})
    await filled.db["daily_stats"].update_many({}, {"$unset": {"archived": ""}})
    filled.recorder.commands.clear()
    await analytics(filled).analyse(Scope(), TimeRange.MONTH, metric=Metric.LIKES)
    raw = [plan for plan in await plans_of(filled) if plan.collection == "like_events"]
    (match,) = [plan.command["pipeline"][0]["$match"] for plan in raw]
    of_everything = [part["timestamp"] for part in match["$or"] if set(part) == {"timestamp"}]
    assert of_everything == [{"$gte": NOW - timedelta(days=30), "$lt": day + timedelta(hours=14)}]
