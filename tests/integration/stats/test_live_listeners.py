"""Who listens at present: exact at the edges of the window, and by an index however long the history."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from app.repositories.live_listeners import LiveListenerRepository
from app.repositories.mongo import Mongo
from tests.conftest import DATABASE
from tests.integration.explained import RecordedMongo, plans_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
AFTER = NOW - timedelta(minutes=2)


def play(track: str, session: str | None, at: datetime, **more: object) -> dict[str, object]:
    return {"trackId": track, "timestamp": at, **({"sessionId": session} if session else {}), **more}


@pytest.fixture
async def recorded(mongod: str, mongo: Mongo) -> AsyncIterator[RecordedMongo]:
    client = RecordedMongo(mongod, DATABASE)
    yield client
    client.close()


async def test_distinct_sessions_that_count(mongo: Mongo) -> None:
    instant = timedelta(milliseconds=1)
    await mongo.db["play_events"].insert_many(
        [
            play("t1", "a", NOW),
            play("t1", "a", NOW - timedelta(seconds=30)),
            play("t1", "first", AFTER + instant),
            play("t1", "too late", AFTER),
            play("t1", "not yet", NOW + instant),
            play("t1", "bot", NOW, excluded={"kind": "bot"}),
            play("t1", "own", NOW, excluded={"kind": "own"}),
            play("t1", "acquitted", NOW, excluded=None),
            play("t2", "a", NOW),
            play("t2", None, NOW),
            play("t3", "bot", NOW, excluded={"kind": "bot"}),
            play("t4", "a", NOW),
        ]
    )
    assert await LiveListenerRepository(mongo).count(["t1", "t2", "t3", "none"], AFTER, NOW) == {"t1": 3, "t2": 2}
    assert await LiveListenerRepository(mongo).count([], AFTER, NOW) == {}


async def test_only_the_window_is_read(mongo: Mongo, recorded: RecordedMongo) -> None:
    rows = [
        play(f"t{number % 20}", f"s{number}", NOW - timedelta(seconds=number), source="player")
        for number in range(5_000)
    ]
    await mongo.db["play_events"].insert_many(rows)
    counted = await LiveListenerRepository(recorded).count(["t3", "t4", "none"], AFTER, NOW)
    assert counted == {"t3": 6, "t4": 6}
    (plan,) = await plans_of(recorded)
    assert plan.indexes == {"track_timestamp"}
    assert (plan.documents_examined, plan.keys_examined <= 12 + 3) == (12, True)
