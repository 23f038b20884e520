"""Servers and data that all tests share: a real mongod, migrated once, emptied for every test that uses it."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pymongo
import pytest
from hypothesis import HealthCheck, settings

from app.clock import SystemClock
from app.embedded import EmbeddedMongo
from app.logs import configure_logs
from app.repositories.leases import LeaseRepository
from app.repositories.migrations import MigrationRepository
from app.repositories.mongo import Mongo
from app.services.migrations import MigrationService, find_migrations
from tests.licensing.sandbox import Sandbox, sandbox_process

configure_logs(as_json=True, level="info")

# How long an example takes says how busy the machine is, and nothing of what is tested.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

DATABASE = "playledger-test"
KEPT = {"migrations"}


@pytest.fixture(scope="session")
def mongod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of a real replica set of one member."""
    folder: Path = tmp_path_factory.mktemp("mongod")
    with EmbeddedMongo(folder) as uri, pymongo.MongoClient[dict[str, object]](uri) as client:
        # Tests decide what time it is; by the server's own time much of what they store is out of date.
        client.admin.command("setParameter", 1, ttlMonitorEnabled=False)
        yield uri


@pytest.fixture(scope="session")
async def migrated(mongod: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(mongod, DATABASE)
    clock = SystemClock()
    await MigrationService(MigrationRepository(mongo), LeaseRepository(mongo), clock, find_migrations()).up()
    yield mongo
    mongo.close()


@pytest.fixture
async def mongo(migrated: Mongo) -> Mongo:
    """A migrated database with nothing in it."""
    await empty(migrated)
    return migrated


async def empty(mongo: Mongo) -> None:
    """Remove all rows, and leave what migrations have made."""
    names = [name for name in await mongo.db.list_collection_names() if name not in KEPT]
    for name in await _with_rows(mongo, names):
        await mongo.db[name].delete_many({})


async def _with_rows(mongo: Mongo, names: Sequence[str]) -> list[str]:
    """One question for all: most tests fill few of the fifty collections, and a deletion in each takes 40 ms."""
    looks = [{"coll": name, "pipeline": [{"$limit": 1}, {"$project": {"in": {"$literal": name}}}]} for name in names]
    pipeline = [{"$match": {"_id": None}}, *({"$unionWith": look} for look in looks)]
    return [row["in"] async for row in mongo.db["migrations"].aggregate(pipeline)]


@pytest.fixture(scope="session")
async def sandbox_server() -> AsyncIterator[Sandbox]:
    """All music providers, of 2,000 tracks each, in a process of their own."""
    async with sandbox_process() as sandbox:
        yield sandbox


@pytest.fixture
async def sandbox(sandbox_server: Sandbox) -> Sandbox:
    """The same, as it was at the start."""
    await sandbox_server.reset()
    return sandbox_server
