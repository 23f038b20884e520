"""The connection to MongoDB: the client, transactions, and the driver's errors in our own words.

Together with the container this is the only place that knows the driver's client, so that moving from Motor to
PyMongo's own asyncio client stays a change of this file.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from datetime import timedelta
from typing import Any, TypeVar

import pymongo
import pymongo.client_session
import pymongo.collection
import pymongo.database
from bson import Timestamp
from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
)
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from app.errors import FailureReason, TransientFailure, Unavailable
from app.repositories.abandoned_transactions import APP_NAME, AbandonedTransactions
from app.repositories.sessionless_connections import SessionlessConnection, usable_sessions

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]
ThreadDatabase = pymongo.database.Database[Document]
ThreadCollection = pymongo.collection.Collection[Document]
Session = pymongo.client_session.ClientSession

T = TypeVar("T")

DUPLICATE_KEY = 11000
_MAX_TIME_EXPIRED = 50

# SnapshotTooOld and SnapshotUnavailable: the moment cannot be read any more, or not yet; another one can.
_SNAPSHOT_GONE = {239, 246}
_SNAPSHOT_ATTEMPTS = 3

# `majority` waits for the journal on a single node; with `j: false` the server waits for its periodic flush instead,
# which was measured at 100 ms a write.
# One for each group-commit engine, and some for what is rare.
_TRANSACTIONS_AT_ONCE = 12
_SNAPSHOTS_AT_ONCE = 12

_DURABLE = WriteConcern(w="majority", j=True)
_SNAPSHOT = ReadConcern("snapshot")

# A sign of life must not take longer, also where operations may: while a timeout is set for all operations, the
# driver looks for a server just as long, whatever serverSelectionTimeoutMS says.
_LIFE_SIGN_WITHIN = timedelta(seconds=10)

STANDALONE = (
    "The MongoDB server at MONGODB_URI is a standalone server, and transactions need a replica set. To convert it: "
    "restart mongod with --replSet rs0, run rs.initiate() once in mongosh, and add ?replicaSet=rs0 to MONGODB_URI. "
    "The data stays as it is."
)


class UnsuitableServer(Exception):
    """The server cannot keep what we promise; the message says what to change."""


class Mongo:
    """One client for the process, and what every repository needs of it.

    Raises:
        UnsuitableServer: the URI is none.
    """

    def __init__(self, uri: str, database: str, timeout: timedelta = timedelta(seconds=4)) -> None:
        self.client: Client = _connect(uri, timeout)
        self.db: Database = self.client[database]
        self.in_thread: ThreadDatabase = self.client.delegate[database]
        self._threads = ThreadPoolExecutor(_TRANSACTIONS_AT_ONCE, thread_name_prefix="transaction")
        # Of their own, so that no number of slow answers keeps writes waiting.
        self._readers = ThreadPoolExecutor(_SNAPSHOTS_AT_ONCE, thread_name_prefix="snapshot")
        self._life_sign_within = min(timeout, _LIFE_SIGN_WITHIN)
        self._abandoned = AbandonedTransactions(self.client)

    async def transaction(self, body: Callable[[Session], T]) -> T:
        """Run `body` in one snapshot transaction, once; it runs in a thread, with the collections of `in_thread`.

        The whole transaction is one hop to a thread. Motor hops for every operation, and each time it waits for the
        interpreter, which is busy with requests: 17 ms for a commit of 32 views that takes 6 ms alone.

        Raises:
            TransientFailure: the transaction can be run again; with `UNKNOWN` it may have been committed.
        """
        loop = asyncio.get_running_loop()
        try:
            # With our context, in which `patiently` may have set a timeout.
            result = await loop.run_in_executor(self._threads, copy_context().run, self._transact, body)
        except PyMongoError as error:
            reason = failure_reason(error)
            if reason is None:
                raise
            if reason is FailureReason.CONFLICT:
                await self._abandoned.conflicted()
            raise TransientFailure(reason) from error
        self._abandoned.committed()
        return result

    def _transact(self, body: Callable[[Session], T]) -> T:
        with (
            usable_sessions(self.client.delegate),
            self.client.delegate.start_session() as session,
            session.start_transaction(_SNAPSHOT, _DURABLE, ReadPreference.PRIMARY),
        ):
            return body(session)

    async def snapshot(self, body: Callable[[Session], T]) -> T:
        """Run `body`, which only reads, against one moment of the whole database; in a thread, as `transaction`.

        Unlike a transaction it holds nothing up and has no minute to end in. `snapshot_time` of the session tells
        the moment.

        Raises:
            Unavailable: the database is away.
        """
        loop = asyncio.get_running_loop()
        with driver_errors():
            return await loop.run_in_executor(self._readers, copy_context().run, self._read, body)

    def _read(self, body: Callable[[Session], T]) -> T:
        for _ in range(_SNAPSHOT_ATTEMPTS - 1):
            try:
                return self._read_once(body)
            except SessionlessConnection:
                continue
            except OperationFailure as error:
                if error.code not in _SNAPSHOT_GONE:
                    raise
        return self._read_once(body)

    def _read_once(self, body: Callable[[Session], T]) -> T:
        client = self.client.delegate
        with usable_sessions(client), client.start_session(snapshot=True) as session:
            return body(session)

    @staticmethod
    def patiently(limit: timedelta = timedelta(hours=1)) -> AbstractContextManager[object]:
        """Within this, operations may take this long, and not as long as a caller would wait: migrations, recounts."""
        return pymongo.timeout(limit.total_seconds())

    async def ping(self) -> None:
        """Ask the server for a sign of life.

        Raises:
            Unavailable: there is none.
        """
        with driver_errors(), self.patiently(self._life_sign_within):
            await self.client.admin.command("ping")

    async def require_transactions(self) -> None:
        """Check that the server is a replica set or a mongos.

        Raises:
            UnsuitableServer: with the sentence on how to convert it.
            Unavailable: nobody answers.
        """
        with driver_errors(), self.patiently(self._life_sign_within):
            hello = await self._hello()
        if "setName" not in hello and hello.get("msg") != "isdbgrid":
            raise UnsuitableServer(STANDALONE)

    async def _hello(self) -> Document:
        try:
            return dict(await self.client.admin.command("hello"))
        except OperationFailure as error:
            raise UnsuitableServer(
                f"MONGODB_URI: the server refuses us: {error.details and error.details.get('errmsg')}"
            ) from error
        except ConfigurationError as error:
            # The name of a mongodb+srv address is looked up here, and not when the client is made.
            raise UnsuitableServer(f"MONGODB_URI: {error}") from error

    def close(self) -> None:
        """End all connections."""
        self._threads.shutdown(wait=False)
        self._readers.shutdown(wait=False)
        self.client.close()


def _connect(uri: str, timeout: timedelta) -> Client:
    """A client, which connects when it is first used."""
    try:
        return AsyncIOMotorClient(
            uri,
            appname=APP_NAME,
            tz_aware=True,
            timeoutMS=int(timeout.total_seconds() * 1000),
            connectTimeoutMS=2000,
            w="majority",
            journal=True,
            # A count that was just acknowledged must be seen by the next read.
            readPreference="primary",
        )
    except (ConfigurationError, InvalidURI, ValueError, OSError) as error:
        # PyMongo's messages name what is wrong, and never the password.
        raise UnsuitableServer(f"MONGODB_URI: {error}") from error


def failure_reason(error: PyMongoError) -> FailureReason | None:
    """Why a transaction failed, if it may succeed when it is run again."""
    # A commit may have been on its way when its repetition met such a connection.
    if error.has_error_label("UnknownTransactionCommitResult") or isinstance(error, SessionlessConnection):
        return FailureReason.UNKNOWN
    if is_away(error):
        return FailureReason.AWAY
    if error.has_error_label("TransientTransactionError") or is_duplicate_key(error):
        # A duplicate key in an upsert by exactly its unique key means that somebody else was quicker: run it again.
        return FailureReason.CONFLICT
    return None


def is_away(error: PyMongoError) -> bool:
    """Whether the server could not be reached or did not answer in time."""
    return (
        isinstance(error, ConnectionFailure | WTimeoutError)
        or error.timeout
        or (isinstance(error, OperationFailure) and error.code == _MAX_TIME_EXPIRED)
        or error.has_error_label("RetryableWriteError")
    )


def is_duplicate_key(error: PyMongoError) -> bool:
    """Whether a unique index refused the write."""
    if isinstance(error, BulkWriteError):
        faults = (error.details or {}).get("writeErrors", [])
        return bool(faults) and faults[0].get("code") == DUPLICATE_KEY
    return isinstance(error, OperationFailure) and error.code == DUPLICATE_KEY


@contextmanager
def driver_errors() -> Iterator[None]:
    """Translate what the driver raises when the server is away; everything else is a fault of ours and passes."""
    try:
        yield
    except PyMongoError as error:
        if is_away(error) or error.has_error_label("TransientTransactionError"):
            raise Unavailable("The database is away, please try again") from error
        raise


def snapshot_time(session: Session) -> Timestamp:
    """The moment that a snapshot session reads; known after its first read.

    The driver keeps it to itself, though the protocol calls it part of the session (`atClusterTime`).
    """
    moment: Timestamp | None = session._snapshot_time  # noqa: SLF001
    if moment is None:
        raise RuntimeError("Nothing was read in this snapshot yet")
    return moment
