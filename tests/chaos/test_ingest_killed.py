"""`kill -9` between any two commands of an ingest: the batch is sent again, twice at once, and counts once."""

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest

from app.repositories.mongo import Mongo
from tests.chaos.counted_once import Database, assert_counted_once, raw_rows
from tests.chaos.players import Event, event
from tests.conftest import DATABASE

ROOT = Path(__file__).parents[2]
# What is read, the keys, five raw collections, the tracks, and the commit.
FEWEST_COMMANDS = 10


class Ingests:
    """Takes batches in processes that are killed when they are told to."""

    def __init__(self, uri: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.ingesting", uri, DATABASE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def run(self, *jobs: tuple[list[Event], int]) -> list[dict[str, Any]]:
        """Each batch in a process of its own, all at once; how each of them ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = [{"events": events, "user": user_of(events), "deadly": deadly} for events, deadly in jobs]
        print(json.dumps(line), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


@pytest.fixture
def ingests(mongod: str) -> Iterator[Ingests]:
    ingests = Ingests(mongod)
    yield ingests
    ingests.close()


@pytest.fixture
def db(mongod: str, mongo: Mongo) -> Iterator[Database]:
    with pymongo.MongoClient(mongod, tz_aware=True) as client:
        yield client[DATABASE]


def user_of(events: list[Event]) -> str:
    return f"user-{events[0]['eventId']}"


def batch_of(db: Database, name: str) -> list[Event]:
    """Events of all types on tracks of a user's own, so that what the killed have locked is in nobody else's way.

    One track is by the user, who does not count that; one is a song, whose shadow is made along.
    """
    tracks = [f"{name}-track-{number}" for number in range(3)]
    artists = ["artist-1", "artist-2", f"{name}-artist"]
    db["tracks"].insert_many({"_id": one, "artistId": artist} for one, artist in zip(tracks, artists, strict=True))
    db["songs"].insert_one({"_id": f"{name}-song", "slug": f"{name}-slug", "title": "Song", "duration": 180_000})
    source = random.Random(name)
    events = [event(source, [*tracks, f"{name}-slug"]) for _ in range(60)]
    user = user_of(events)
    db["artists"].insert_one({"_id": f"{name}-artist", "name": name, "userId": user, "excludeOwnPlays": True})
    return [*events, {**events[0]}, {"type": "play", "trackId": "nowhere", "sessionId": "s", "eventId": f"{name}-bad"}]


def ids_of(events: list[Event]) -> set[str]:
    return {one["eventId"] for one in events if one["trackId"] != "nowhere"}


def assert_receipts_add_up(db: Database, events: list[Event], answers: list[dict[str, Any]], *, is_there: bool) -> None:
    """Two who have sent the same: together they were told of each new event once."""
    for answer in answers:
        assert answer["accepted"] + answer["duplicates"] + answer["rejected"] == len(events)
        assert answer["rejected"] == 1
    assert sum(answer["accepted"] for answer in answers) == (0 if is_there else len(ids_of(events)))


def assert_all_days_are_marked(db: Database) -> None:
    marks = {track["_id"]: set(track.get("dirty", ())) for track in db["tracks"].find({})}
    hours = {track["_id"]: track.get("dirtyHours", {}) for track in db["tracks"].find({})}
    for _, row in raw_rows(db):
        day = f"{row['timestamp']:%Y-%m-%d}"
        assert day in marks[row["trackId"]]
        assert hours[row["trackId"]][day] >> row["timestamp"].hour & 1
    assert db["tracks"].count_documents({"dirty": {"$exists": True}, "isDirty": {"$ne": True}}) == 0


async def test_kills_at_every_command(db: Database, ingests: Ingests) -> None:
    batches = [batch_of(db, "whole"), batch_of(db, "whole-again")]
    whole = [ingests.run((events, 0))[0]["answer"]["commands"] for events in batches]
    # The shortest: one that met a conflict has begun again.
    commands = min(whole, key=len)
    assert len(commands) >= FEWEST_COMMANDS, commands
    assert commands[-1] == "commitTransaction"
    # Before each command is sent, and after the last was answered.
    deadly = [*range(1, len(commands) + 1), -len(commands)]
    batches += [batch_of(db, f"killed-{at}") for at in deadly]
    dead = ingests.run(*zip(batches[2:], deadly, strict=True))
    assert [one["exit"] for one in dead] == [-signal.SIGKILL] * len(deadly)
    assert_counted_once(db, ids_of(batches[0]) | ids_of(batches[1]) | ids_of(batches[-1]))
    for events, at in zip(batches[2:], deadly, strict=True):
        answers = [one["answer"] for one in ingests.run((events, 0), (events, 0))]
        assert_receipts_add_up(db, events, answers, is_there=at < 0)
    assert_counted_once(db, set().union(*map(ids_of, batches)))
    assert_all_days_are_marked(db)
    assert any(row.get("excluded", {}).get("kind") == "own" for _, row in raw_rows(db))
    assert db["tracks"].count_documents({"songId": {"$exists": True}}) == len(batches)
