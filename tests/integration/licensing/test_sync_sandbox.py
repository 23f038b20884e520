"""Whole walks over sockets, as a serving process makes them: the copy is what the provider has that may be offered."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.container import Container
from app.models.licensing.provider_setups import ProviderChange
from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import SyncJob, SyncOptions, SyncStatus
from app.models.licensing.tracks import USABLE_LICENCES
from app.repositories.mongo import Mongo
from tests.chaos.licensing.syncing import container
from tests.conftest import DATABASE
from tests.licensing.sandbox import Sandbox
from tests.licensing.sync_house import ARCHIVE, ARTLIST, SOUNDSTRIPE, counts

HOOKSOUNDS = ProviderName.HOOKSOUNDS
UNLIMITED = {"perMinute": None, "perHour": None, "perDay": None}


@pytest.fixture
async def served(mongo: Mongo, mongod: str, sandbox: Sandbox) -> AsyncIterator[Container]:
    """All services, for which the providers are the sandbox."""
    house = container(mongod, DATABASE)
    for name in (SOUNDSTRIPE, ARTLIST, HOOKSOUNDS, ARCHIVE):
        change = ProviderChange(True, sandbox.base_urls[name], sandbox.credentials[name], UNLIMITED)
        await house.licensing.setups.change(name, change, "admin-1")
    yield house
    await house.close()


async def synced(house: Container, name: ProviderName, **options: Any) -> SyncJob:
    ordered = await house.licensing.syncs.start(name, SyncOptions(**options))
    async with asyncio.timeout(120):
        await house.licensing.syncs.idle()
    job = await house.licensing.syncs.get(ordered.id)
    assert (job.status, job.error) == (SyncStatus.COMPLETED, None)
    return job


async def offered(sandbox: Sandbox, name: ProviderName) -> dict[str, str]:
    """What a walk can meet: the archive's index says of some releases that their licence is another one."""
    tracks = await sandbox.tracks(name.value, usable=True)
    return {one["id"]: one["title"] for one in tracks if one["indexedLicence"] in {None, *USABLE_LICENCES}}


async def stored(mongo: Mongo, name: ProviderName) -> dict[str, str]:
    rows = mongo.db["licensed_tracks"].find({"provider": name.value, "vanishedAt": None})
    return {row["trackId"]: row["title"] async for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize("name", [SOUNDSTRIPE, HOOKSOUNDS, ARCHIVE])
async def test_the_copy_is_the_catalogue(served: Container, sandbox: Sandbox, mongo: Mongo, name: ProviderName) -> None:
    expected = await offered(sandbox, name)
    assert counts(await synced(served, name)) == {"created": len(expected)}
    assert await stored(mongo, name) == expected
    changed, *_, gone = expected
    await sandbox.vanish(name.value, gone)
    await sandbox.change(name.value, changed, title="Another Title")
    # Releases that stayed the same are not due yet.
    await mongo.db["licensed_tracks"].update_many({}, {"$set": {"refreshAt": datetime.now(UTC)}})
    job = await synced(served, name)
    # A release is touched as a whole, and says so in the time of all its files.
    touched = sum(one.partition("/")[0] == changed.partition("/")[0] for one in expected)
    assert (job.vanished, job.progress.updated) == (1, touched)
    assert await stored(mongo, name) == await offered(sandbox, name)


async def test_a_page_costs_a_call(served: Container, sandbox: Sandbox, mongo: Mongo) -> None:
    assert counts(await synced(served, ARTLIST, max_tracks=50)) == {"created": 50}
    assert await sandbox.count("artlist") == 3


@pytest.mark.slow
async def test_releases_that_stay_the_same_cost_no_calls(served: Container, sandbox: Sandbox, mongo: Mongo) -> None:
    await synced(served, ARCHIVE)
    first = await sandbox.count("internet_archive")
    job = await synced(served, ARCHIVE)
    second = await sandbox.count("internet_archive") - first
    assert (counts(job), second < first / 3) == ({}, True), (first, second)
    assert await stored(mongo, ARCHIVE) == await offered(sandbox, ARCHIVE)
