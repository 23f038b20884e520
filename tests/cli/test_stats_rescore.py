"""`playledger stats rescore`."""

import json
from datetime import UTC, datetime

import pytest
import typer
from click.testing import Result
from pymongo.database import Database
from typer.testing import CliRunner

from app.cli.stats_rescore import rescore
from tests.cli.conftest import Run

app = typer.Typer()
app.command()(rescore)


@pytest.fixture
def filled(db: Database, run: Run) -> Database:
    """A bot's plays on three days, all of them counted."""
    db["tracks"].insert_one({"_id": "track", "playCount": 3})
    db["play_events"].insert_many(
        {"trackId": "track", "sessionId": "s", "userAgent": "Googlebot/2.1", "timestamp": at}
        for at in (datetime(2026, 11, day, 23, 59, 59, tzinfo=UTC) for day in (1, 2, 3))
    )
    return db


def rescored(*options: str) -> Result:
    return CliRunner().invoke(app, options)


def test_everything_is_judged(filled: Database) -> None:
    done = rescored()
    assert done.exit_code == 0, done.output
    assert "3 events judged" in done.stdout
    assert "3 not counted any more, 0 counted again" in done.stdout
    assert filled["tracks"].find_one({"_id": "track"})["playCount"] == 0


def test_the_last_day_is_judged_too(filled: Database) -> None:
    done = rescored("--from", "2026-11-02", "--to", "2026-11-02", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"looked": 1, "newlyExcluded": 1, "restored": 0, "otherReason": 0}
    excluded = filled["play_events"].find_one({"excluded": {"$exists": True}})
    assert excluded["timestamp"].day == 2
    assert excluded["excluded"]["kind"] == "bot"


def test_the_end_of_time_is_a_day(filled: Database) -> None:
    assert json.loads(rescored("--to", "9999-12-31", "--json").stdout)["looked"] == 3


@pytest.mark.parametrize("options", [("--from", "yesterday"), ("--from", "2026-11-02", "--to", "2026-11-01")])
def test_days_that_are_none_are_bad_usage(filled: Database, options: tuple[str, ...]) -> None:
    assert rescored(*options).exit_code == 2
