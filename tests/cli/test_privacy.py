"""`playledger privacy`."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from pymongo.database import Database
from typer.testing import CliRunner

from app.cli.commands import app
from tests.cli.conftest import Run


@pytest.fixture
def filled(db: Database, run: Run) -> Database:
    """What two people left."""
    at = datetime(2026, 11, 20, tzinfo=UTC)
    db["songs"].insert_one({"_id": "song", "viewCount": 2, "likeCount": 0, "bookmarkCount": 0})
    db["tracks"].insert_one({"_id": "track", "playCount": 6})
    for user in ("ann", "bob"):
        db["views"].insert_one({"userId": user, "songId": "song"})
        db["play_events"].insert_many({"userId": user, "trackId": "track", "timestamp": at} for _ in range(3))
    return db


def erase_and_reply(reply: str) -> Result:
    return CliRunner().invoke(app, ["privacy", "erase", "ann"], input=reply)


def test_a_copy_goes_to_standard_output(filled: Database, run: Run) -> None:
    done = run("privacy", "export", "ann")
    assert done.exit_code == 0, done.output
    copied = json.loads(done.stdout)
    assert copied["userId"] == "ann"
    assert (len(copied["views"]), len(copied["playEvents"])) == (1, 3)
    assert copied["playEvents"][0]["timestamp"] == "2026-11-20T00:00:00.000Z"
    assert "bob" not in done.stdout


def test_a_copy_goes_to_a_file_that_only_we_can_read(filled: Database, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "ann.json"
    done = run("privacy", "export", "ann", "--output", str(file))
    assert done.exit_code == 0, done.output
    assert "bytes written" in done.stdout
    assert len(json.loads(file.read_text())["playEvents"]) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.glob("*.part")) == []


def test_a_file_that_cannot_be_written_is_said(filled: Database, run: Run, tmp_path: Path) -> None:
    done = run("privacy", "export", "ann", "--output", str(tmp_path / "nowhere" / "ann.json"))
    assert done.exit_code == 1
    assert "Cannot write" in done.stderr


@pytest.mark.parametrize("reply", ["n\n", "", "\n"])
def test_nothing_is_erased_unless_it_is_wished(filled: Database, run: Run, reply: str) -> None:
    done = erase_and_reply(reply)
    assert done.exit_code == 1
    assert "Erase everything that is stored about 'ann'?" in done.stderr
    assert filled["views"].count_documents({"userId": "ann"}) == 1


def test_erased_after_a_yes(filled: Database, run: Run) -> None:
    done = erase_and_reply("y\n")
    assert done.exit_code == 0, done.output
    assert "Receipt" in done.stdout
    assert filled["views"].distinct("userId") == filled["play_events"].distinct("userId") == ["bob"]
    assert filled["songs"].find_one({"_id": "song"})["viewCount"] == 1
    assert filled["tracks"].find_one({"_id": "track"})["playCount"] == 3
    assert run("reconcile", "--dry-run", "--json").stdout.count('"drift": 0') == 4


def test_erased_without_a_question_for_machines(filled: Database, run: Run) -> None:
    done = run("privacy", "erase", "ann", "--yes", "--json")
    assert done.exit_code == 0, done.output
    receipt = json.loads(done.stdout)
    assert (receipt["erased"]["views"], receipt["erased"]["playEvents"]) == (1, 3)
    again = json.loads(run("privacy", "erase", "ann", "--yes", "--json").stdout)
    assert set(again["erased"].values()) == {0}
    assert again["receiptId"] != receipt["receiptId"]
