"""Many who search in several processes, and a provider that counts what arrives."""

import asyncio
import multiprocessing

from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from app.services.licensing.providers.registry import POLICIES
from tests.integration.licensing.searching_process import search_together
from tests.licensing.sandbox import Sandbox

NAME = ProviderName.SOUNDSTRIPE


async def test_four_processes_with_two_hundred_searchers_never_exceed_the_quota(
    mongod: str, mongo: Mongo, sandbox: Sandbox
) -> None:
    per_second = POLICIES[NAME].extra_windows[0]
    spawning = multiprocessing.get_context("spawn")
    details = (mongod, mongo.db.name, sandbox.base_urls[NAME], sandbox.credentials[NAME], spawning.Barrier(4), 4.0)
    processes = [spawning.Process(target=search_together, args=details) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        await asyncio.to_thread(process.join, 90)
    assert [process.exitcode for process in processes] == [0] * 4
    peak = (await sandbox.peaks(NAME, seconds=per_second.length.total_seconds()))["all"]
    assert peak["within"] <= per_second.limit
    # It is not by being slow that they keep it.
    assert peak["within"] >= per_second.limit * 0.6
    assert not [call for call in await sandbox.calls(NAME) if call["status"] != 200]
