"""Many who search in several processes, and a provider that counts what arrives."""

import asyncio
import multiprocessing
from typing import Any

from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from app.services.licensing.providers.registry import POLICIES
from tests.integration.licensing.searching_process import search_together
from tests.licensing.sandbox import Sandbox
from tests.waiting import eventually

NAME = ProviderName.SOUNDSTRIPE


async def test_four_processes_with_two_hundred_searchers_never_exceed_the_quota(
    mongod: str, mongo: Mongo, sandbox: Sandbox
) -> None:
    per_second = POLICIES[NAME].extra_windows[0]
    spawning = multiprocessing.get_context("spawn")
    together, over = spawning.Barrier(4), spawning.Event()
    details = (mongod, mongo.db.name, sandbox.base_urls[NAME], sandbox.credentials[NAME], together, over)
    processes = [spawning.Process(target=search_together, args=details) for _ in range(4)]
    for process in processes:
        process.start()

    async def peak() -> dict[str, Any]:
        return (await sandbox.peaks(NAME, seconds=per_second.length.total_seconds()))["all"]

    async def are_busy() -> bool:
        so_far = await peak()
        return so_far["within"] >= per_second.limit * 0.6 and so_far["calls"] >= per_second.limit * 2

    try:
        # It is not by being slow that they keep it.
        await eventually(are_busy, 150)
    finally:
        over.set()
        for process in processes:
            await asyncio.to_thread(process.join, 90)
    assert [process.exitcode for process in processes] == [0] * 4
    assert (await peak())["within"] <= per_second.limit
    assert not [call for call in await sandbox.calls(NAME) if call["status"] != 200]
