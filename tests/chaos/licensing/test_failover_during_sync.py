"""The primary is killed in the middle of a sync that was ordered over HTTP, while people search."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.clock import iso
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from tests.chaos.licensing.processes import SEARCH, SYNC, Measured, clients, processes, set_up
from tests.chaos.replica_set import ReplicaSet
from tests.licensing.sandbox import Sandbox
from tests.waiting import eventually

DATABASE = "playledger-failover"
SOUNDSTRIPE = ProviderName.SOUNDSTRIPE
PAGE = 100
NO_LIMITS = {"requestsPerMinute": None, "requestsPerHour": None, "requestsPerDay": None}


async def job(api: httpx.AsyncClient, job_id: str) -> dict[str, Any] | None:
    """How far it has come; `None` while the database is away."""
    answer = await api.get(f"{SYNC}/jobs/{job_id}")
    if answer.status_code == 503:
        return None
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def until_fetched(api: httpx.AsyncClient, job_id: str, tracks: int) -> None:
    async def are_fetched() -> bool:
        return (shown := await job(api, job_id)) is not None and shown["progress"]["fetched"] >= tracks

    await eventually(are_fetched)


async def ended(api: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    async with asyncio.timeout(120):
        while (shown := await job(api, job_id)) is None or shown["status"] in {"queued", "running"}:
            await asyncio.sleep(0.1)
    return shown


async def go_on_searching(api: httpx.AsyncClient, person: int, statuses: Counter[int], over: asyncio.Event) -> None:
    """Old questions and new ones."""
    number = 0
    while not over.is_set():
        query = "calm" if number % 2 else f"{person} {number}"
        answer = await api.get(SEARCH, params={"provider": "soundstripe", "query": query})
        statuses[answer.status_code] += 1
        assert answer.status_code in {200, 429, 503}, answer.text
        number += 1
        await asyncio.sleep(0.2)


@pytest.mark.slow
async def test_a_killed_primary_costs_the_sync_nothing(tmp_path: Path, sandbox: Sandbox, measured: Measured) -> None:
    replica_set, statuses, over = ReplicaSet(tmp_path), Counter[int](), asyncio.Event()
    try:
        await asyncio.to_thread(replica_set.start)
        async with processes(1, replica_set.uri, DATABASE, tmp_path) as services, clients(services) as (api,):
            await set_up([api], sandbox, SOUNDSTRIPE, rateLimit=NO_LIMITS)
            # Seventeen pages are left when the primary is killed.
            await sandbox.delay("soundstripe", 500)
            job_id = (await api.post(f"{SYNC}/soundstripe")).json()["jobId"]
            searching = [asyncio.create_task(go_on_searching(api, person, statuses, over)) for person in range(4)]
            await until_fetched(api, job_id, 3 * PAGE)
            killed_at = datetime.now(UTC)
            await asyncio.to_thread(replica_set.kill_primary)
            await sandbox.delay("soundstripe", 0)
            done = await ended(api, job_id)
            over.set()
            await asyncio.gather(*searching)
        mongo = Mongo(replica_set.uri, DATABASE)
        rows = await mongo.db["licensed_tracks"].find({}, {"trackId": 1, "title": 1}).to_list(None)
        mongo.close()
    finally:
        replica_set.stop()
    catalogue = {one["id"]: one["title"] for one in await sandbox.tracks("soundstripe", usable=True)}
    assert (done["status"], done["error"], done["progress"]["created"]) == ("completed", None, len(catalogue))
    assert done["finishedAt"] > iso(killed_at)
    assert {row["trackId"]: row["title"] for row in rows} == catalogue
    assert len(rows) == len(catalogue)
    calls = [dict(call["query"]) for call in await sandbox.calls("soundstripe")]
    pages = Counter(query["page[number]"] for query in calls if query["page[size]"] == str(PAGE))
    assert set(pages) == {str(number) for number in range(1, len(catalogue) // PAGE + 1)}
    assert (await sandbox.peaks("soundstripe"))["all"]["second"] <= 25
    assert statuses[200] > 0
    measured("tracks stored, pages, pages asked for twice", (len(rows), len(pages), sum(pages.values()) - len(pages)))
    measured("searches meanwhile, by status", dict(statuses))
