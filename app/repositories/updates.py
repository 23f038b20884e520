"""Many writes to one collection in one command, inside a transaction."""

from collections.abc import Sequence

from pymongo.errors import BulkWriteError

from app.repositories.mongo import Document, Session, ThreadCollection


def update_rows(collection: ThreadCollection, updates: Sequence[Document], session: Session) -> frozenset[int]:
    """Send `{"q", "u", "upsert"}` statements as they are, and return the positions of the rows that are new.

    The driver's `bulk_write` builds, checks and takes apart an object for each statement; the thread of a transaction
    competes with the loop for the interpreter, so it is spared what it can be.

    Raises:
        BulkWriteError: a statement was refused; the transaction is over.
        OperationFailure: as every command.
    """
    command = {"update": collection.name, "updates": updates, "ordered": False}
    reply = collection.database.command(command, session=session)
    if reply.get("writeErrors"):
        raise BulkWriteError(dict(reply))
    return frozenset(row["index"] for row in reply.get("upserted", ()))


def insert_rows(collection: ThreadCollection, rows: Sequence[Document], session: Session) -> None:
    """Insert rows as they are, in one command.

    Raises:
        BulkWriteError: a row was refused; the transaction is over.
        OperationFailure: as every command.
    """
    reply = collection.database.command(
        {"insert": collection.name, "documents": rows, "ordered": False}, session=session
    )
    if reply.get("writeErrors"):
        raise BulkWriteError(dict(reply))
