"""A transaction that its process left behind does not stand in the way for a minute."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pymongo
import pytest
from pymongo.client_session import ClientSession

from app.clock import SystemClock
from app.models.views import ViewReport
from app.repositories.mongo import Mongo
from app.repositories.views import ViewRepository
from app.services.group_commit import Bounds, GroupCommit


@pytest.fixture
def abandoned(mongod: str, mongo: Mongo) -> Iterator[ClientSession]:
    """Another process's transaction that has raised the counter and will never commit."""
    with pymongo.MongoClient(mongod, appname="playledger") as client, client.start_session() as session:
        songs = client[mongo.db.name]["songs"]
        songs.insert_one({"_id": "hot", "viewCount": 0})
        session.start_transaction()
        songs.update_one({"_id": "hot"}, {"$inc": {"viewCount": 1}}, session=session)
        yield session


async def test_it_is_ended_and_what_it_wrote_is_gone(abandoned: ClientSession, mongo: Mongo) -> None:
    engine = GroupCommit("test", ViewRepository(mongo).record, bounds=Bounds(patience=timedelta(minutes=1)))
    report = ViewReport("ann", "hot", "hot", 5000, 0, False, SystemClock().now())
    # MongoDB itself would end it after a minute.
    async with asyncio.timeout(30):
        recorded = await engine.submit(report)
    assert recorded.counts.view_count == 1
    stored = await mongo.db["songs"].find_one({"_id": "hot"})
    assert stored["viewCount"] == await mongo.db["views"].count_documents({}) == 1
    with pytest.raises(pymongo.errors.OperationFailure):
        abandoned.commit_transaction()
