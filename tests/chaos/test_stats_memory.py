"""What the service needs in memory while many thousands of events arrive, and are asked about."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pymongo
import pytest

from tests.chaos.counted_once import assert_counted_once
from tests.chaos.players import Players, batches
from tests.chaos.questions import Questions
from tests.chaos.test_kills import mongodb_of
from tests.service import Service
from tests.thorough import usually

TRACKS = [f"track-{number}" for number in range(300)]
BATCHES, SIZE, CLIENTS = usually(40, thoroughly=100), 1_000, 4
MOST_MIB = 300


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path).start().wait_until_ready()
    with pymongo.MongoClient(mongodb_of(service)) as client:
        client["playledger"]["tracks"].insert_many({"_id": name, "artistId": "artist-1"} for name in TRACKS)
        client["playledger"]["artists"].insert_one({"_id": "artist-1", "name": "One"})
    yield service
    service.stop()


def peak_mib(pid: int) -> int:
    """The most that was ever resident, as the kernel has noted it."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) >> 10 for line in status if line.startswith("VmHWM:"))


@pytest.mark.slow
async def test_memory_under_events_and_questions(
    service: Service, record_testsuite_property: Callable[[str, object], None]
) -> None:
    work = [itertools.islice(batches(f"c{number}", TRACKS, SIZE), BATCHES // CLIENTS) for number in range(CLIENTS)]
    players, questions = Players(service.address, work), Questions(service.address)
    async with questions.asked():
        await players.play()
    most = peak_mib(service.pid)
    # 503 is how a busy database is told of; a batch comes again, as long as it takes.
    assert set(players.statuses) <= {200, 503}, players.statuses
    players.assert_told(new=BATCHES * SIZE)
    with pymongo.MongoClient(mongodb_of(service), tz_aware=True) as client:
        assert_counted_once(client["playledger"], players.acknowledged)
    assert set(questions.statuses) <= {200, 503}, questions.unexpected
    assert questions.statuses[200] > 0
    record_testsuite_property("peak_mib", most)
    assert most < MOST_MIB
