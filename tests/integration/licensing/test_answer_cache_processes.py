"""Equal searches in several real processes make one call, and a process that is killed holds nobody up."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.repositories.mongo import Mongo
from tests.conftest import DATABASE
from tests.waiting import eventually

ROOT = Path(__file__).parents[3]
PROCESSES = 4
RESULT_WITHIN_SECONDS = 20


class Askers:
    """Processes that ask."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._all: list[Process] = []

    async def start(self, searches: int, seconds: float = 0.5, claim: float = 30) -> Process:
        asking = ("-m", "tests.integration.licensing.asking_process", self._uri, DATABASE)
        numbers = (str(number) for number in (searches, seconds, claim))
        process = await asyncio.create_subprocess_exec(
            sys.executable, *asking, *numbers, stdin=PIPE, stdout=PIPE, cwd=ROOT
        )
        self._all.append(process)
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        return process

    async def close(self) -> None:
        for process in self._all:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def go(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    await process.stdin.drain()


async def result(process: Process) -> dict[str, Any]:
    assert process.stdout is not None
    return json.loads(await asyncio.wait_for(process.stdout.readline(), RESULT_WITHIN_SECONDS))


@pytest.fixture
async def askers(mongod: str, mongo: Mongo) -> AsyncIterator[Askers]:
    made = Askers(mongod)
    yield made
    await made.close()


async def test_a_hundred_equal_searches_in_four_processes_make_one_call(askers: Askers) -> None:
    started = await asyncio.gather(*(askers.start(25) for _ in range(PROCESSES)))
    await asyncio.gather(*(go(one) for one in started))
    results = await asyncio.gather(*(result(one) for one in started))
    assert sum(one["calls"] for one in results) == 1
    assert sum(sum(one["sources"].values()) for one in results) == 100


async def test_a_killed_process_holds_nobody_up(askers: Askers, mongo: Mongo) -> None:
    doomed, heir = await asyncio.gather(
        askers.start(1, seconds=3 * RESULT_WITHIN_SECONDS, claim=0.4), askers.start(1, seconds=0, claim=0.4)
    )
    await go(doomed)

    async def is_claimed() -> bool:
        return await mongo.db["licensing_cache"].count_documents({"fetching": {"$exists": True}}) > 0

    await eventually(is_claimed)
    doomed.kill()
    await go(heir)
    assert (await result(heir))["calls"] == 1
