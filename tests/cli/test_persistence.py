"""Loading the demo into a database that is too slow for anybody who waits for an answer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from app.cli import demo_listening, demo_watching
from app.cli.persistence import persistently
from app.clock import SystemClock
from app.config import Settings
from app.container import Container
from app.container.episodes import EpisodesWing
from app.demo.artist import seed_demo_artist
from app.demo.catalogue import DEMO_ARTIST_ID, seed_demo
from app.demo.series import seed_demo_series
from app.demo.watching import DemoView
from app.demo.watching import demo_watching as demo_watching_of
from app.errors import NotFound, Unavailable
from app.repositories.mongo import Mongo
from tests.chaos.licensing.syncing import container
from tests.conftest import DATABASE

Call = Callable[..., Awaitable[object]]

LATE = Unavailable("The database did not answer in time", timedelta(0))


class Answers:
    """Refuses so many times, and then gives what it has."""

    def __init__(self, refusals: int, refusal: Exception = LATE) -> None:
        self.calls = 0
        self._refusals = refusals
        self._refusal = refusal

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self._refusals:
            raise self._refusal
        return "done"


async def test_a_call_is_made_until_it_goes_through() -> None:
    answers = Answers(refusals=29)
    assert await persistently(answers) == "done"
    assert answers.calls == 30


async def test_a_database_that_stays_away_is_said_in_the_end() -> None:
    answers = Answers(refusals=1_000)
    with pytest.raises(Unavailable):
        await persistently(answers)
    assert answers.calls == 30


async def test_another_refusal_is_final() -> None:
    answers = Answers(1, NotFound("There is no such thing"))
    with pytest.raises(NotFound):
        await persistently(answers)
    assert answers.calls == 1


def late(call: Call) -> Call:
    """Whatever is written for the first time is told too late."""
    written: set[str] = set()

    async def answer(*arguments: object) -> object:
        given, what = await call(*arguments), repr(arguments)
        if what in written:
            return given
        written.add(what)
        raise LATE

    return answer


def refused(call: Call) -> Call:
    """Nothing is written at the first attempt."""
    attempted: set[str] = set()

    async def answer(*arguments: object) -> object:
        what = repr(arguments)
        if what in attempted:
            return await call(*arguments)
        attempted.add(what)
        raise LATE

    return answer


@pytest.fixture
async def house(mongo: Mongo, mongod: str, tmp_path: Path) -> AsyncIterator[Container]:
    """With the artist and the songs of the demo."""
    house = container(mongod, DATABASE)
    await seed_demo_artist(house.stats.artists)
    await seed_demo(house.copyright_free.catalogue, tmp_path)
    yield house
    await house.close()


@pytest.mark.parametrize("slow", [late, refused])
async def test_listening_that_is_sent_again_is_counted_once(
    house: Container, mongo: Mongo, monkeypatch: pytest.MonkeyPatch, slow: Callable[[Call], Call]
) -> None:
    batches = list(islice(demo_listening.demo_listening(house.clock.now(), DEMO_ARTIST_ID), 30))
    monkeypatch.setattr(demo_listening, "demo_listening", lambda *_: batches)
    monkeypatch.setattr(house.stats.ingest, "ingest", slow(house.stats.ingest.ingest))
    sent = sum(len(batch.events) for batch in batches)
    assert await demo_listening.seed_demo_listening(house) == sent
    assert await mongo.db["event_keys"].count_documents({}) == sent


@pytest.mark.parametrize("slow", [late, refused])
async def test_watching_that_is_reported_again_is_counted_once(
    mongo: Mongo, monkeypatch: pytest.MonkeyPatch, slow: Callable[[Call], Call]
) -> None:
    wing, made = EpisodesWing(Settings(_env_file=None), mongo, SystemClock()), list[DemoView]()

    def few(now: datetime, episode: int, seconds: int) -> list[DemoView]:
        views = list(islice(demo_watching_of(now, episode, seconds), 8))
        made.extend(views)
        return views

    await seed_demo_series(wing.shows, wing.seasons, wing.episodes)
    monkeypatch.setattr(demo_watching, "demo_watching", few)
    monkeypatch.setattr(wing.watching, "start", slow(wing.watching.start))
    monkeypatch.setattr(wing.watching, "report", refused(wing.watching.report))
    assert await demo_watching.seed_demo_watching(wing, SystemClock().now()) == len(made) == 24
    rows = await mongo.db["episode_views"].find({}).to_list(None)
    assert len(rows) == len(made)
    said = sum(beat.seconds for view in made for _, beat in view.beats)
    assert sum(row["total_seconds"] for row in rows) == pytest.approx(said)
    assert sum(row["completed_at"] is not None for row in rows) == sum(view.completed for view in made)
    await wing.drain()
