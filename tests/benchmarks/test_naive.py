"""The opponent must be right, or beating it says nothing."""

import asyncio
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from app.errors import NotFound
from app.models.views import Engagement
from app.repositories.mongo import Mongo
from benchmarks.naive import NaiveViews

HEARD = Engagement(duration_ms=5000)


async def song(mongo: Mongo) -> str:
    key = ObjectId()
    await mongo.db["songs"].insert_one({"_id": key, "slug": str(key), "viewCount": 0, "createdAt": datetime.now(UTC)})
    return str(key)


async def test_a_crowd_on_one_song_is_counted_exactly_in_spite_of_conflicts(mongo: Mongo) -> None:
    song_id = await song(mongo)
    views = NaiveViews(mongo)
    counts = await asyncio.gather(*(views.record(f"user-{number % 8}", song_id, HEARD) for number in range(16)))
    assert max(counts) == 8
    assert await mongo.db["views"].count_documents({}) == 8
    assert (await mongo.db["songs"].find_one({"_id": ObjectId(song_id)}))["viewCount"] == 8


async def test_a_repeat_counts_nothing_and_raises_the_maximum(mongo: Mongo) -> None:
    song_id = await song(mongo)
    views = NaiveViews(mongo)
    assert await views.record("user", song_id, HEARD) == 1
    assert await views.record("user", song_id, Engagement(duration_ms=9000)) == 1
    assert (await mongo.db["views"].find_one({}))["durationMs"] == 9000


async def test_there_is_no_view_of_an_unknown_song(mongo: Mongo) -> None:
    with pytest.raises(NotFound):
        await NaiveViews(mongo).record("user", str(ObjectId()), HEARD)
