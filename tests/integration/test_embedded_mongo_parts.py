"""The parts of the embedded MongoDB that need no server."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from app.embedded.command_line import cache_gigabytes, command_line, port_of
from app.embedded.errors import EmbeddedMongoError
from app.embedded.folder import MongoFolder
from app.embedded.locks import Membership, only_one
from app.embedded.log_file import last_words, rotate
from app.embedded.record import ServerRecord, read_record, write_record
from app.embedded.supervisor import delay_before_restart


def line(severity: str, message: str, **attributes: object) -> str:
    return json.dumps({"s": severity, "msg": message, "attr": attributes})


def test_command_line_is_recognised_for_its_own_folder_only(tmp_path: Path) -> None:
    folder, neighbour = MongoFolder(tmp_path / "a b"), MongoFolder(tmp_path / "a")
    arguments = " ".join(command_line(Path("/bin/mongod"), folder, 27017))
    assert port_of(arguments, folder) == 27017
    assert port_of(arguments, neighbour) is None
    assert port_of("", folder) is None


@pytest.mark.parametrize(("memory_gb", "cache_gb"), [(1, 0.25), (4, 0.5), (8, 1.0), (64, 4.0)])
def test_cache_is_an_eighth_of_the_memory_within_bounds(memory_gb: int, cache_gb: float) -> None:
    assert cache_gigabytes(memory_gb * 2**30) == cache_gb


def test_restarts_come_slower_the_more_often_it_dies() -> None:
    assert [delay_before_restart(short_lives) for short_lives in (0, 1, 2, 3)] == [0, 0.1, 0.2, 0.4]
    assert delay_before_restart(20) == 10


def test_last_words_are_the_grave_ones_of_the_last_run(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    log.write_text(
        "\n".join(
            [
                line("F", "of the run before"),
                line("I", "***** SERVER RESTARTED *****"),
                line("E", "Failed", error={"errmsg": "no space left"}),
                line("I", "Now exiting"),
            ]
        )
    )
    assert last_words(log) == "Failed no space left"


def test_last_words_without_a_grave_one_are_the_last(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    log.write_text("\n".join(line("I", f"step {number}") for number in range(9)))
    assert last_words(log) == "step 6 | step 7 | step 8"
    assert last_words(tmp_path / "nowhere") == "it says nothing"


def test_long_log_is_set_aside(tmp_path: Path) -> None:
    log = tmp_path / "mongod.log"
    rotate(log, max_bytes=3)
    log.write_text("abc")
    rotate(log, max_bytes=3)
    assert log.exists()
    log.write_text("abcd")
    rotate(log, max_bytes=3)
    assert not log.exists()
    assert (tmp_path / "mongod.log.1").read_text() == "abcd"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x", "port": 1, "started_at": ""}', '{"pid": 1}'])
def test_record_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "server.json"
    assert read_record(path) is None
    path.write_text(text)
    assert read_record(path) is None


def test_record_is_read_back(tmp_path: Path) -> None:
    record = ServerRecord(pid=12, port=27017, started_at="2026-01-01T00:00:00.000Z")
    write_record(tmp_path / "server.json", record)
    assert read_record(tmp_path / "server.json") == record


def test_only_the_last_member_leaves_nobody_behind(tmp_path: Path) -> None:
    first, second = Membership(tmp_path / "users"), Membership(tmp_path / "users")
    assert (first.leave(), second.leave()) == (False, True)


def test_lock_that_is_never_given_back_is_reported(tmp_path: Path) -> None:
    with (
        only_one(tmp_path / "lock"),
        pytest.raises(EmbeddedMongoError, match="too long"),
        only_one(tmp_path / "lock", timedelta(0)),
    ):
        pytest.fail("two hold it")
