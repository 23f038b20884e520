"""The connection: which servers are taken, and what the driver's errors mean to us."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from app.embedded.binary import find_mongod
from app.embedded.ports import is_listening
from app.errors import FailureReason, TransientFailure, Unavailable
from app.repositories.mongo import Mongo, Session, UnsuitableServer, driver_errors, failure_reason, is_duplicate_key
from tests.redis_server import free_port
from tests.waiting import eventually


@pytest.fixture(scope="module")
async def standalone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """A mongod without `--replSet`."""
    folder: Path = tmp_path_factory.mktemp("standalone")
    port = free_port()
    options = ["--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"]
    command = [str(find_mongod()), *options, "--wiredTigerCacheSizeGB", "0.25"]
    server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    try:
        await eventually(lambda: is_listening(port))
        yield f"mongodb://127.0.0.1:{port}"
    finally:
        server.terminate()
        await server.wait()


async def test_a_standalone_server_is_refused_with_the_way_out(standalone: str) -> None:
    mongo = Mongo(standalone, "test", timeout=timedelta(seconds=20))
    with pytest.raises(UnsuitableServer, match=r"--replSet rs0, run rs\.initiate\(\) once") as refused:
        await mongo.require_transactions()
    assert standalone not in str(refused.value)
    mongo.close()


async def test_a_replica_set_is_taken(mongo: Mongo) -> None:
    await mongo.require_transactions()
    await mongo.ping()


@pytest.mark.parametrize("call", ["ping", "require_transactions"])
async def test_nobody_answers(call: str) -> None:
    mongo = Mongo(f"mongodb://127.0.0.1:{free_port()}", "test", timeout=timedelta(seconds=0.3))
    with pytest.raises(Unavailable):
        await getattr(mongo, call)()
    mongo.close()


async def test_a_sign_of_life_is_not_waited_for_as_long_as_an_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that gives its operations an hour must still say within seconds that nobody is there."""
    monkeypatch.setattr("app.repositories.mongo._LIFE_SIGN_WITHIN", timedelta(seconds=0.3))
    mongo = Mongo(f"mongodb://127.0.0.1:{free_port()}", "test", timeout=timedelta(hours=1))
    async with asyncio.timeout(10):
        with pytest.raises(Unavailable):
            await mongo.require_transactions()
    mongo.close()


SECRET = "hunter2"
BAD_URIS = [
    "mongodb://",
    "http://127.0.0.1",
    f"mongodb://ann:{SECRET}@host:99999",
    f"mongodb://ann:{SECRET}@[::1",
    f"mongodb://ann:{SECRET}:more@host",
    f"mongodb://ann:{SECRET}@host:port",
]


@pytest.mark.parametrize("uri", BAD_URIS)
def test_a_bad_uri_is_said_without_its_password(uri: str) -> None:
    with pytest.raises(UnsuitableServer, match=r"^MONGODB_URI: ") as refused:
        Mongo(uri, "test")
    assert SECRET not in str(refused.value)


async def test_patiently_is_longer_than_the_patience_of_a_caller(mongod: str, mongo: Mongo) -> None:
    await mongo.db["songs"].insert_one({"_id": "s"})
    hasty = Mongo(mongod, mongo.db.name, timeout=timedelta(seconds=0.2))
    slow = [
        {
            "$match": {
                "$expr": {"$function": {"body": "function() { sleep(400); return true }", "args": [], "lang": "js"}}
            }
        }
    ]
    with pytest.raises(Unavailable), driver_errors():
        await hasty.db["songs"].aggregate(slow).to_list(None)
    began = time.monotonic()
    with hasty.patiently():
        assert await hasty.db["songs"].aggregate(slow).to_list(None) == [{"_id": "s"}]
    assert time.monotonic() - began > 0.3
    hasty.close()


def labelled(error: PyMongoError, *labels: str) -> PyMongoError:
    for label in labels:
        error._add_error_label(label)
    return error


TRANSIENT = "TransientTransactionError"
UNKNOWN = "UnknownTransactionCommitResult"

REASONS = [
    (labelled(OperationFailure("WriteConflict", 112), TRANSIENT), FailureReason.CONFLICT),
    (DuplicateKeyError("E11000", 11000), FailureReason.CONFLICT),
    (BulkWriteError({"writeErrors": [{"code": 11000}]}), FailureReason.CONFLICT),
    (labelled(AutoReconnect("gone"), UNKNOWN), FailureReason.UNKNOWN),
    (labelled(OperationFailure("shutting down", 91), UNKNOWN, "RetryableWriteError"), FailureReason.UNKNOWN),
    (labelled(AutoReconnect("gone"), TRANSIENT), FailureReason.AWAY),
    (ServerSelectionTimeoutError("nobody"), FailureReason.AWAY),
    (NetworkTimeout("slow"), FailureReason.AWAY),
    (WTimeoutError("not replicated", 64), FailureReason.AWAY),
    (ExecutionTimeout("too slow", 50), FailureReason.AWAY),
    (labelled(OperationFailure("no primary", 10107), "RetryableWriteError"), FailureReason.AWAY),
    (OperationFailure("Cannot apply $inc to a value of non-numeric type", 14), None),
    (BulkWriteError({"writeErrors": [{"code": 14}]}), None),
    (BulkWriteError({"writeErrors": []}), None),
]


@pytest.mark.parametrize(("error", "reason"), REASONS, ids=lambda value: repr(value)[:60])
def test_why_a_transaction_failed(error: PyMongoError, reason: FailureReason | None) -> None:
    assert failure_reason(error) is reason


def test_which_errors_are_duplicate_keys() -> None:
    assert is_duplicate_key(DuplicateKeyError("E11000", 11000))
    assert not is_duplicate_key(OperationFailure("other", 14))
    assert not is_duplicate_key(AutoReconnect("gone"))


@pytest.mark.parametrize("error", [AutoReconnect("gone"), labelled(OperationFailure("conflict", 112), TRANSIENT)])
def test_away_becomes_unavailable_without_the_drivers_words(error: PyMongoError) -> None:
    with pytest.raises(Unavailable, match="please try again") as told, driver_errors():
        raise error
    assert told.value.__cause__ is error
    assert str(error) not in str(told.value)


def test_a_fault_of_ours_passes() -> None:
    with pytest.raises(OperationFailure), driver_errors():
        raise OperationFailure("bad pipeline", 9)


async def test_a_transaction_leaves_all_or_nothing(mongo: Mongo) -> None:
    def body(session: Session) -> None:
        mongo.in_thread["songs"].insert_one({"_id": "s"}, session=session)
        raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        await mongo.transaction(body)
    assert await mongo.db["songs"].count_documents({}) == 0


async def test_two_transactions_on_one_song_conflict(mongo: Mongo) -> None:
    await mongo.db["songs"].insert_one({"_id": "s", "viewCount": 0})
    have_read = threading.Barrier(2, timeout=10)

    def view(session: Session) -> None:
        mongo.in_thread["songs"].find_one({"_id": "s"}, session=session)
        have_read.wait()
        mongo.in_thread["songs"].update_one({"_id": "s"}, {"$inc": {"viewCount": 1}}, session=session)

    outcomes = await asyncio.gather(mongo.transaction(view), mongo.transaction(view), return_exceptions=True)
    [refused] = [outcome for outcome in outcomes if outcome is not None]
    assert isinstance(refused, TransientFailure)
    assert refused.reason is FailureReason.CONFLICT
    assert (await mongo.db["songs"].find_one({}))["viewCount"] == 1


async def test_our_fault_in_a_transaction_is_not_tried_again(mongo: Mongo) -> None:
    songs = mongo.in_thread["songs"]
    with pytest.raises(OperationFailure):
        await mongo.transaction(lambda session: songs.update_one({}, {"$nonsense": 1}, session=session))
