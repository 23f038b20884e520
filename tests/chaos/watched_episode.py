"""A service of its own that has one episode to watch."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymongo

from tests.chaos.test_kills import mongodb_of
from tests.integration.episodes.watching_house import episode
from tests.service import Service


@contextmanager
def service_with_episode(folder: Path, *, duration: int) -> Iterator[Service]:
    """Started and ready; the episode is number 1 of the tenant `acme`."""
    service = Service(folder).start().wait_until_ready()
    with pymongo.MongoClient(mongodb_of(service)) as client:
        client["playledger"]["episodes"].insert_one(episode(1, duration=duration))
    yield service
    service.stop()
