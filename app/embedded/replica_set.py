"""Makes a server that was started, or found, the writable primary of its replica set of one."""

import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure

from app.embedded.command_line import REPLICA_SET
from app.embedded.errors import EmbeddedMongoError, NotAnswering, ServerDied
from app.embedded.ports import HOST, is_listening
from app.embedded.process import Process

POLL_SECONDS = 0.005
# Recovery of a large journal comes before the port is opened, so opening may take long and answering may not.
START_PATIENCE = timedelta(seconds=60)
ANSWER_PATIENCE = timedelta(seconds=10)
# Between two looks at whether the process still lives.
TRY_MILLISECONDS = 500
NOT_YET_INITIALIZED = 94

Document = Mapping[str, Any]


class Answer(Enum):
    """What a server says when it is asked whether it accepts writes."""

    PRIMARY = auto()
    NOT_YET = auto()
    NONE = auto()


def become_primary(process: Process, port: int, database: Path) -> None:
    """Wait until the mongod of `database` on `port` accepts writes; give it its replica set when it has none.

    The set has one member, which elects itself: `electionTimeoutMillis` makes no difference (0.32 s from kill -9 to
    a writable primary with 500 ms and with the default 10 s).

    Raises:
        ServerDied: it ended, or somebody else answers on its port.
        NotAnswering: the port is open and nobody speaks.
        EmbeddedMongoError: neither, but it takes more than a minute.
    """
    deadline = time.monotonic() + START_PATIENCE.total_seconds()
    while not is_listening(port):
        _check(process, port, deadline)
        time.sleep(POLL_SECONDS)
    with _connect(port) as client:
        heard_at = time.monotonic()
        while (answer := _ask(client, port, database)) is not Answer.PRIMARY:
            _check(process, port, deadline)
            heard_at = time.monotonic() if answer is Answer.NOT_YET else heard_at
            if time.monotonic() - heard_at > ANSWER_PATIENCE.total_seconds():
                raise NotAnswering(f"The mongod with process id {process.pid} does not answer on port {port}.")
            time.sleep(POLL_SECONDS)


def _ask(client: MongoClient[Document], port: int, database: Path) -> Answer:
    try:
        _check_identity(client, port, database)
        return Answer.PRIMARY if _is_primary(client, port) else Answer.NOT_YET
    except ConnectionFailure:
        return Answer.NONE


def _check(process: Process, port: int, deadline: float) -> None:
    if process.exited():
        raise ServerDied(f"mongod ended while it was starting on port {port}")
    if time.monotonic() > deadline:
        raise EmbeddedMongoError(
            f"The mongod with process id {process.pid} is not ready on port {port} after "
            f"{START_PATIENCE.total_seconds():.0f} s; it may be recovering a large database. Wait, or end it."
        )


def _connect(port: int) -> MongoClient[Document]:
    patience = round(ANSWER_PATIENCE.total_seconds() * 1000)
    return MongoClient(
        HOST, port, directConnection=True, serverSelectionTimeoutMS=TRY_MILLISECONDS, socketTimeoutMS=patience
    )


def _check_identity(client: MongoClient[Document], port: int, database: Path) -> None:
    """Two servers of two folders may have tried the same port at once: one of them got it."""
    options = client.admin.command("getCmdLineOpts")
    if options["parsed"].get("storage", {}).get("dbPath") != str(database):
        raise ServerDied(f"another server answers on port {port}")


def _is_primary(client: MongoClient[Document], port: int) -> bool:
    hello = client.admin.command("hello")
    if hello.get("isreplicaset"):  # no set yet, or a set in which this address is unknown
        _join_own_set(client, f"{HOST}:{port}")
    return bool(hello.get("isWritablePrimary"))


def _join_own_set(client: MongoClient[Document], address: str) -> None:
    """While the server still reads its configuration every step here is refused; the caller comes back."""
    with suppress(OperationFailure):
        configuration = _configuration(client)
        if configuration is None:
            _initiate(client, address)
        elif configuration["members"][0]["host"] != address:
            _move(client, configuration, address)


def _configuration(client: MongoClient[Document]) -> Document | None:
    try:
        answer = client.admin.command("replSetGetConfig")
    except OperationFailure as refusal:
        if refusal.code == NOT_YET_INITIALIZED:
            return None
        raise
    configuration: Document = answer["config"]
    return configuration


def _initiate(client: MongoClient[Document], address: str) -> None:
    # A stored set is still being read: with a stranger on its port that accepts and says nothing this takes 30 s,
    # and the command would only wait for it.
    if client.local["system.replset"].find_one() is None:
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": address}]})


def _move(client: MongoClient[Document], configuration: Document, address: str) -> None:
    # By force: a member that does not find itself in the set is no primary, and only a primary takes it otherwise.
    member = {**configuration["members"][0], "host": address}
    moved = {**configuration, "version": configuration["version"] + 1, "members": [member]}
    client.admin.command("replSetReconfig", moved, force=True)
