"""`kill -9` in the middle of a sync, and a database that fails over: it ends with exactly the provider's catalogue."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from app.clock import SystemClock
from app.models.licensing.provider_setups import ProviderChange
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.sync import SyncDraft, SyncJob, SyncKind, SyncOptions, SyncStatus
from app.models.licensing.tracks import CataloguePage
from app.repositories.leases import LeaseRepository
from app.repositories.migrations import MigrationRepository
from app.repositories.mongo import Mongo
from app.repositories.sync_jobs import SyncJobRepository
from app.services.migrations import MigrationService, find_migrations
from tests.chaos.dying import assert_dies, run
from tests.chaos.licensing.syncing import container
from tests.chaos.replica_set import ReplicaSet
from tests.conftest import DATABASE
from tests.licensing.fake_provider import policy, track
from tests.licensing.sandbox import Sandbox, sandbox_process
from tests.licensing.sync_house import SOUNDSTRIPE, Catalogue, House, close_all, counts, house
from tests.thorough import usually
from tests.waiting import eventually

WORKER = "tests.chaos.licensing.syncing"
TRACKS = usually(2_500, thoroughly=5_000)
FEWER_TRACKS = 1_000
PAGES = TRACKS // 100
KILLS = usually(4, thoroughly=10)
A_SECOND = 25  # what Soundstripe allows


@pytest.fixture
async def big_sandbox() -> AsyncIterator[Sandbox]:
    async with sandbox_process(tracks=TRACKS) as sandbox:
        yield sandbox


async def order(mongo: Mongo, mongod: str, sandbox: Sandbox) -> SyncJob:
    """Soundstripe is the sandbox, and its whole catalogue is wanted."""
    change = ProviderChange(
        enabled=True,
        base_url=sandbox.base_urls[SOUNDSTRIPE],
        credentials=sandbox.credentials[SOUNDSTRIPE],
        rate_limit={"perMinute": None, "perHour": None, "perDay": None},
    )
    at_house = container(mongod, DATABASE)
    await at_house.licensing.setups.change(SOUNDSTRIPE, change, "admin-1")
    await at_house.close()
    draft = SyncDraft(SyncKind.CATALOGUE, SOUNDSTRIPE, SyncOptions())
    job = await SyncJobRepository(mongo).add(draft, datetime.now(UTC))
    assert job is not None
    return job


async def kill_after(mongo: Mongo, mongod: str, steps: int, seconds: float) -> None:
    """`kill -9` so long after so many pages."""
    await asyncio.to_thread(assert_dies, WORKER, mongod, DATABASE, steps, seconds)
    # Its lease is over after a quarter of a minute; that is not waited for.
    past = datetime.now(UTC) - timedelta(days=365)
    await mongo.db["leases"].update_many({}, {"$set": {"expiresAt": past}})


@pytest.mark.slow
async def test_kills_lose_and_repeat_nothing(mongo: Mongo, mongod: str, big_sandbox: Sandbox) -> None:
    job = await order(mongo, mongod, big_sandbox)
    # So that the kills leave something to do.
    await big_sandbox.delay("soundstripe", 100)
    chance = random.Random(20)
    for _ in range(KILLS):
        # Some before the first page, most of them somewhere between two.
        await kill_after(mongo, mongod, chance.randint(0, 5), chance.uniform(0, 0.12))
    await big_sandbox.delay("soundstripe", 0)
    with run(WORKER, mongod, DATABASE) as last:
        assert await asyncio.to_thread(last.wait, 120) == 0

    done = await SyncJobRepository(mongo).get(job.id)
    assert (done.status, done.error, done.failures) == (SyncStatus.COMPLETED, None, ())
    assert (counts(done), done.progress.total) == ({"created": TRACKS}, TRACKS)
    rows = mongo.db["licensed_tracks"].find({}, {"trackId": 1, "title": 1})
    stored = {row["trackId"]: row["title"] async for row in rows}
    assert stored == {one["id"]: one["title"] for one in await big_sandbox.tracks("soundstripe", usable=True)}
    assert len(stored) == TRACKS
    evidence = {"currentOf": {"$exists": True}, "version": 1}
    assert await mongo.db["license_evidence"].count_documents(evidence) == TRACKS

    calls = await big_sandbox.calls("soundstripe")
    pages = Counter(dict(call["query"])["page[number]"] for call in calls)
    assert sorted(pages, key=int) == [str(number) for number in range(1, PAGES + 1)]
    assert len(calls) <= PAGES + KILLS
    assert {call["status"] for call in calls} <= {0, 200}
    assert (await big_sandbox.peaks("soundstripe"))["all"]["second"] <= A_SECOND


class Slow(Catalogue):
    """Takes its time for a page."""

    async def walk(self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str] = ()) -> CataloguePage:
        await asyncio.sleep(0.02)
        return await super().walk(setup, cursor, genres)


async def has_fetched(at_house: House, job_id: str, tracks: int) -> bool:
    return (await at_house.syncs.get(job_id)).progress.fetched >= tracks


@pytest.mark.slow
async def test_a_failover_in_the_middle_costs_no_call(tmp_path: Path) -> None:
    replica_set = ReplicaSet(tmp_path)
    try:
        await asyncio.to_thread(replica_set.start)
        mongo = Mongo(replica_set.uri, DATABASE)
        leases, migrations = LeaseRepository(mongo), find_migrations()
        await MigrationService(MigrationRepository(mongo), leases, SystemClock(), migrations).up()
        provider = Slow(policy(), [track(number) for number in range(FEWER_TRACKS)])
        at_house = house(mongo, provider)
        job = await at_house.syncs.start(ProviderName.SOUNDSTRIPE, SyncOptions())
        for happens, after in ((replica_set.step_down, 200), (replica_set.kill_primary, 600)):
            await eventually(partial(has_fetched, at_house, job.id, after))
            await asyncio.to_thread(happens)
            await asyncio.to_thread(replica_set.primary)
        async with asyncio.timeout(120):
            await at_house.syncs.idle()
        assert counts(await at_house.syncs.get(job.id)) == {"created": FEWER_TRACKS}
        assert len(await at_house.stored()) == FEWER_TRACKS
        assert provider.calls == ["walk None", *(f"walk {start}" for start in range(10, FEWER_TRACKS, 10))]
        await close_all()
        mongo.close()
    finally:
        replica_set.stop()
