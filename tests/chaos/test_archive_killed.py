"""`kill -9` of the archiver at any line: no row is lost, none is counted twice, and the next run finishes."""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.models.stats.archive import PartState
from app.models.stats.events import EventType
from app.repositories.mongo import Mongo
from tests.archiving import (
    FIRST_KEPT,
    DailyRollups,
    Rows,
    all_rows,
    archived_rows,
    archived_splits,
    put,
    random_rows,
    truth,
)
from tests.conftest import DATABASE
from tests.thorough import usually

ROOT = Path(__file__).parents[2]
KILLS = usually(12, thoroughly=30)
ROWS = 300
# As many lines of ours as a run over these rows takes.
LINES = 5_000


class Archivers:
    """Runs the archive again and again, each time in a process of its own."""

    def __init__(self, uri: str, location: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.archiving_process", uri, DATABASE, location],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def run(self, deadly: int = 0) -> int:
        """Run it once, to its end or to the deadly line; the exit code."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(deadly, file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def close(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


@pytest.fixture
def archivers(mongod: str, tmp_path: Path) -> Iterator[Archivers]:
    archivers = Archivers(mongod, str(tmp_path / "archive"))
    yield archivers
    archivers.close()


async def begin(mongo: Mongo, seed: int) -> Rows:
    rows = random_rows(seed, ROWS, days=14)
    await put(mongo, rows)
    await DailyRollups(mongo).run()
    return rows


async def assert_nothing_is_lost(mongo: Mongo, rows: Rows, location: str) -> None:
    left, found = await all_rows(mongo), archived_rows(location)
    for kind, of_kind in rows.items():
        there = {row["_id"] for row in found[kind]} | set(left[kind])
        assert {str(row["_id"]) for row in of_kind} <= there


async def assert_finished(mongo: Mongo, rows: Rows, location: str) -> None:
    left, found = await all_rows(mongo), archived_rows(location)
    for kind in EventType:
        old = Counter(str(row["_id"]) for row in rows[kind] if row["timestamp"] < FIRST_KEPT)
        assert Counter(row["_id"] for row in found[kind]) == old, "each row is in one file"
        assert not set(old) & set(left[kind])
    unfinished = {"state": {"$nin": [PartState.REMOVED.value, PartState.ABANDONED.value]}}
    assert await mongo.db["archive_parts"].count_documents(unfinished) == 0


@pytest.mark.slow
async def test_kills_at_any_line(mongo: Mongo, archivers: Archivers, tmp_path: Path) -> None:
    location = str(tmp_path / "archive")
    rows = await begin(mongo, 1)
    before = await truth(mongo)
    source = random.Random(7)
    killed = 0
    while killed < KILLS:
        code = archivers.run(source.randrange(1, LINES))
        if code == 0:
            await assert_finished(mongo, rows, location)
            rows = await _more(mongo, rows, killed)
            before = await truth(mongo)
            continue
        assert code == -signal.SIGKILL
        killed += 1
        assert await truth(mongo) == before
        await assert_nothing_is_lost(mongo, rows, location)
    assert archivers.run() == 0
    assert await truth(mongo) == before
    await assert_finished(mongo, rows, location)
    assert await archived_splits(mongo) == {key: split for key, split in before.items() if key[1] < FIRST_KEPT}


async def _more(mongo: Mongo, rows: Rows, seed: int) -> Rows:
    """Late rows, so that there is something to do again."""
    more = await begin(mongo, 1_000 + seed)
    return {kind: rows[kind] + more[kind] for kind in EventType}
