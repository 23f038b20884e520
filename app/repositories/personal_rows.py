"""The rows of one person in a collection: read in bounded memory as plain values, and removed."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from app.models.privacy import Plain, Row, RowKey
from app.repositories.mongo import Document, Mongo, Session, driver_errors

_BATCH = 1_000


class PersonalRowRepository:
    """Rows of `collection` whose `field` is a user id, and that nothing counts."""

    def __init__(self, mongo: Mongo, collection: str, field: str = "userId") -> None:
        self._mongo = mongo
        self._rows = mongo.db[collection]
        self._in_thread = mongo.in_thread[collection]
        self._field = field

    async def read(self, user_id: str) -> AsyncIterator[Row]:
        """Everything that is stored in the user's rows, a thousand rows at a time.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            cursor = self._rows.find(self._of(user_id)).batch_size(_BATCH)
            while batch := await cursor.to_list(_BATCH):
                for row in batch:
                    yield to_row(row)

    async def pick(self, user_id: str, limit: int) -> list[RowKey]:
        """The keys of up to `limit` rows of the user.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._rows.find(self._of(user_id), {"_id": 1}).limit(limit).to_list(None)
        return [row["_id"] for row in found]

    async def remove(self, user_id: str, keys: Sequence[RowKey]) -> int:
        """Remove these rows of the user, all or none; how many were still there.

        Raises:
            TransientFailure: run it again.
        """
        return await self._mongo.transaction(lambda session: self._remove(session, user_id, keys))

    def _remove(self, session: Session, user_id: str, keys: Sequence[RowKey]) -> int:
        return self._delete(session, user_id, keys)

    def _delete(self, session: Session, user_id: str, keys: Sequence[RowKey]) -> int:
        return self._in_thread.delete_many(self._of(user_id, keys), session=session).deleted_count

    def _of(self, user_id: str, keys: Sequence[RowKey] | None = None) -> Document:
        own: Document = {self._field: user_id}
        return own if keys is None else own | {"_id": {"$in": list(keys)}}


def to_row(document: Document) -> Row:
    """A document as it is shown to the person that it is about."""
    return {"id" if name == "_id" else name: _to_plain(value) for name, value in document.items()}


def _to_plain(value: Any) -> Plain:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, list):
        return [_to_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _to_plain(one) for name, one in value.items()}
    return value.hex() if isinstance(value, bytes) else str(value)
