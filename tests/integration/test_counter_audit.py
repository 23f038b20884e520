"""Counters against rows: drift is found, told, repaired, and never invented."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from app.errors import FailureReason, TransientFailure, Unavailable
from app.models.drift import DriftReport, SongDrift
from app.models.views import ViewReport
from app.repositories import counter_audit
from app.repositories.counter_audit import CounterAuditRepository
from app.repositories.mongo import Mongo
from app.repositories.views import ViewRepository
from app.services.copyright_free.reconciliation import ReconciliationService
from app.services.group_commit import Bounds, GroupCommit

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def service(mongo: Mongo) -> ReconciliationService:
    return ReconciliationService(CounterAuditRepository(mongo))


async def add_song(mongo: Mongo, key: str, views: int, **counters: Any) -> None:
    await mongo.db["songs"].insert_one({"_id": key, **counters})
    if views:
        await mongo.db["views"].insert_many({"userId": f"user-{n}", "songId": key} for n in range(views))


async def song(mongo: Mongo, key: str) -> dict[str, Any]:
    return await mongo.db["songs"].find_one({"_id": key})


def drift_shown(counter: str) -> float | None:
    return REGISTRY.get_sample_value("playledger_drift", {"counter": counter})


async def test_an_empty_catalogue_has_no_drift(mongo: Mongo) -> None:
    assert await service(mongo).run(repair=True) == DriftReport(0, (), is_repaired=True)


async def test_drift_is_found_shown_and_repaired(mongo: Mongo) -> None:
    await add_song(mongo, "right", 3, viewCount=3)
    await add_song(mongo, "high", 2, viewCount=7)
    await add_song(mongo, "low", 4, viewCount=1, likeCount=2)
    report = await service(mongo).run(repair=True)
    assert set(report.found) == {
        SongDrift("high", "viewCount", 7, 2),
        SongDrift("low", "viewCount", 1, 4),
        SongDrift("low", "likeCount", 2, 0),
    }
    assert report.summary == {"songs": 3, "drifting": 3, "drift": 10}
    assert (drift_shown("viewCount"), drift_shown("likeCount"), drift_shown("bookmarkCount")) == (8, 2, 0)
    assert (await song(mongo, "high"))["viewCount"] == 2
    assert (await song(mongo, "low"))["viewCount"] == 4

    assert (await service(mongo).run(repair=True)).found == ()
    assert drift_shown("viewCount") == 0


async def test_a_repair_counts_as_a_change_that_listeners_are_told_in_order(mongo: Mongo) -> None:
    await add_song(mongo, "s", 1, viewCount=5, countsRevision=8)
    await service(mongo).run(repair=True)
    assert (await song(mongo, "s"))["countsRevision"] == 9


async def test_a_dry_run_changes_nothing(mongo: Mongo) -> None:
    await add_song(mongo, "s", 1, viewCount=5)
    before = await song(mongo, "s")
    report = await service(mongo).run(repair=False)
    assert (report.drift, report.is_repaired) == (4, False)
    assert await song(mongo, "s") == before
    assert drift_shown("viewCount") == 4


@pytest.mark.parametrize("stored", [None, "3", "many", {}, [], True, float("nan"), 2.5])
async def test_a_counter_that_is_no_count_becomes_one(mongo: Mongo, stored: object) -> None:
    await add_song(mongo, "s", 3, viewCount=stored)
    report = await service(mongo).run(repair=True)
    assert [one.counter for one in report.found] == ["viewCount"]
    assert (await song(mongo, "s"))["viewCount"] == 3


async def test_a_missing_counter_means_zero(mongo: Mongo) -> None:
    await add_song(mongo, "unheard", 0)
    await add_song(mongo, "heard", 2)
    assert (await service(mongo).run(repair=True)).found == (SongDrift("heard", "viewCount", 0, 2),)
    assert "viewCount" not in await song(mongo, "unheard")


async def test_a_whole_number_written_as_a_float_is_no_drift(mongo: Mongo) -> None:
    await add_song(mongo, "s", 3, viewCount=3.0)
    assert (await service(mongo).run(repair=True)).found == ()


async def test_all_batches_are_looked_at(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter_audit, "_BATCH", 3)
    for number in range(7):
        await add_song(mongo, f"song-{number}", 1, viewCount=0)
    heard: list[int] = []
    report = await service(mongo).run(repair=True, progress=heard.append)
    assert (len(report.found), heard) == (7, [3, 6, 7])


async def test_views_that_are_counted_meanwhile_are_no_drift(mongo: Mongo) -> None:
    await add_song(mongo, "hot", 0, viewCount=0)
    engine = GroupCommit("audit-test", ViewRepository(mongo).record, bounds=Bounds(patience=timedelta(minutes=1)))
    reports: list[DriftReport] = []

    async def count() -> None:
        for start in range(0, 600, 20):
            users = range(start, start + 20)
            await asyncio.gather(
                *(engine.submit(ViewReport(f"u{user}", "hot", "hot", 0, 0, False, NOW)) for user in users)
            )

    async def audit(counting: asyncio.Task[None]) -> None:
        while not counting.done():
            reports.append(await service(mongo).run(repair=True))

    async with asyncio.timeout(30):
        await audit(asyncio.create_task(count()))
    assert len(reports) > 3
    assert [report.found for report in reports if report.found] == []
    assert (await song(mongo, "hot"))["viewCount"] == 600


async def test_a_song_that_is_removed_meanwhile_is_no_drift(mongo: Mongo) -> None:
    await add_song(mongo, "s", 1, viewCount=5)
    audit = CounterAuditRepository(mongo)
    [batch] = [batch async for batch in audit.batches()]
    assert await audit.suspects(batch, "viewCount") == ["s"]
    await mongo.db["songs"].delete_one({"_id": "s"})
    assert await audit.settle("s", "viewCount", repair=True) is None


class AlwaysBusy:
    """One song that can never be judged."""

    async def batches(self) -> AsyncIterator[list[Any]]:
        yield [{"_id": "s"}]

    async def suspects(self, batch: list[Any], counter: str) -> list[str]:
        return ["s"]

    async def settle(self, song_key: object, counter: str, *, repair: bool) -> None:
        raise TransientFailure(FailureReason.CONFLICT)


async def test_a_song_that_is_written_all_the_time_is_said_so() -> None:
    with pytest.raises(Unavailable, match="too often to be recounted"):
        await ReconciliationService(AlwaysBusy()).run(repair=True)


async def test_the_drift_of_a_float_is_told_in_whole_views(mongo: Mongo) -> None:
    await add_song(mongo, "s", 2, viewCount=7.0)
    assert (await service(mongo).run(repair=True)).found == (SongDrift("s", "viewCount", 7, 2),)
