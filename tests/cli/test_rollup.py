"""`playledger rollup`: ranges, progress, and what it answers."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.database import Database

from tests.cli.conftest import Run


def play(moment: datetime) -> dict[str, Any]:
    return {"trackId": "track-1", "sessionId": "ann", "timestamp": moment, "source": "player"}


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--from", "2026-01-01"),
        ("--from", "yesterday", "--to", "2026-01-01"),
        ("--from", "2026-01-02", "--to", "2026-01-01"),
    ],
)
def test_a_bad_range_is_bad_usage(run: Run, options: tuple[str, ...]) -> None:
    assert run("rollup", *options).exit_code == 2


def test_a_range_is_rolled_up(run: Run, db: Database) -> None:
    db["play_events"].insert_many(play(datetime(2026, 1, day, 12, tzinfo=UTC)) for day in (1, 2, 3))
    done = run("rollup", "--from", "2026-01-01", "--to", "2026-01-02")
    assert (done.exit_code, done.output.strip()) == (0, "✓ 2 days rolled up")
    assert [row["date"].day for row in db["daily_stats"].find({}).sort("date", 1)] == [1, 2]


def test_a_machine_is_told_in_json(run: Run, db: Database) -> None:
    done = run("rollup", "--from", "2026-01-01", "--to", "2026-01-02T12:00:00", "--json")
    answer = json.loads(done.stdout)
    job = db["rollup_backfills"].find_one({})
    assert job is not None
    assert answer == {
        "jobId": job["_id"],
        "state": "done",
        "from": "2026-01-01T00:00:00.000Z",
        "to": "2026-01-03T00:00:00.000Z",
        "days": 2,
        "error": None,
    }


def test_what_was_cut_off_is_gone_on_with(run: Run, db: Database) -> None:
    first, last, done_from = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 4, 3))
    db["play_events"].insert_many(play(datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2, 3))
    cut_off = {"_id": "job", "from": first, "to": last, "doneFrom": done_from, "state": "running"}
    db["rollup_backfills"].insert_one(cut_off | {"extendsCoverage": False, "createdAt": first, "updatedAt": first})
    done = run("rollup", "--from", "2026-01-01", "--to", "2026-01-03", "--json")
    assert json.loads(done.stdout)["jobId"] == "job"
    assert [row["date"].day for row in db["daily_stats"].find({}).sort("date", 1)] == [1, 2]
