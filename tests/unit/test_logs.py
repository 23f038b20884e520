"""Log lines: one JSON object each, with the request they belong to, and without anybody's token."""

import gc
import json
import logging
import sys
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import structlog

from app.logs import configure_logs

TOKEN = "a-token-that-must-not-be-logged"

Start = Callable[..., StringIO]


@pytest.fixture
def logging_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Logs of these settings go into the buffer that is returned; afterwards they are as all other tests have them.

    Garbage is collected before and not meanwhile: a task of an earlier test whose exception nobody has asked for says
    so when it is collected, through the same handlers.
    """

    def start(*, as_json: bool = True, level: str = "info") -> StringIO:
        written = StringIO()
        monkeypatch.setattr(sys, "stderr", written)
        configure_logs(as_json=as_json, level=level)
        return written

    root = logging.getLogger()
    handlers, threshold = root.handlers, root.level
    configuration = structlog.get_config()
    gc.collect()
    gc.disable()
    yield start
    gc.enable()
    root.handlers = handlers
    root.setLevel(threshold)
    structlog.configure(**configuration)


def fail_with_a_token(token: str) -> None:
    raise ValueError("it failed")


def read(written: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_an_event_is_one_json_object_with_its_request(logging_to: Start) -> None:
    written = logging_to()
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger("a").info("viewed", song="s\nt", count=3)
    [line] = read(written)
    assert str(line.pop("timestamp")).endswith("Z")
    assert line == {"event": "viewed", "song": "s\nt", "count": 3, "request_id": "r-1", "level": "info"}


def test_loggers_of_libraries_write_the_same_lines(logging_to: Start) -> None:
    written = logging_to()
    with structlog.contextvars.bound_contextvars(request_id="r-2"):
        logging.getLogger("uvicorn.error").warning("%s is %s", "this", "odd")
    [line] = read(written)
    assert (line["event"], line["level"], line["logger"]) == ("this is odd", "warning", "uvicorn.error")
    assert line["request_id"] == "r-2"


@pytest.mark.parametrize("name", ["apscheduler.executors.default", "socketio.server", "pymongo.command", "httpx"])
def test_chatty_libraries_are_heard_from_warning_on(logging_to: Start, name: str) -> None:
    written = logging_to(level="debug")
    logging.getLogger(name).info("a packet")
    logging.getLogger(name).warning("a fault")
    assert [line["event"] for line in read(written)] == ["a fault"]


def test_the_level_holds_for_both(logging_to: Start) -> None:
    written = logging_to(level="error")
    structlog.get_logger("b").warning("unheard")
    logging.getLogger("others").warning("unheard")
    structlog.get_logger("c").error("heard")
    logging.getLogger("others").error("heard too")
    # Threads that earlier tests have left may log as well.
    said = ("unheard", "heard", "heard too")
    assert [line["event"] for line in read(written) if line["event"] in said] == ["heard", "heard too"]


@pytest.mark.parametrize("as_json", [True, False])
def test_tracebacks_show_where_and_no_local_variable(logging_to: Start, as_json: bool) -> None:
    written = logging_to(as_json=as_json)
    try:
        fail_with_a_token(TOKEN)
    except ValueError:
        structlog.get_logger(f"d-{as_json}").exception("failed")
        logging.getLogger("somewhere").exception("failed too")
    text = written.getvalue()
    assert text.count("fail_with_a_token") >= 2
    assert text.count("it failed") >= 2
    assert TOKEN not in text
    assert not as_json or len(read(written)) == 2


def test_lines_for_people_have_no_colours_in_a_file(logging_to: Start) -> None:
    written = logging_to(as_json=False)
    structlog.get_logger("e").info("viewed", song="s")
    assert "viewed" in written.getvalue()
    assert "\x1b[" not in written.getvalue()
