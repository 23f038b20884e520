"""Own data as it is sent: a copy that is written while it is read, and the receipt for an erasure."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Self

from pydantic import ConfigDict

from app.clock import iso
from app.models.privacy import ErasureReceipt, Row
from app.models.wire.base import CamelModel, Moment

_CHUNK = 64 * 1024

Sections = Sequence[tuple[str, AsyncIterator[Row]]]


class DataCopy(CamelModel):
    """Everything that is stored about the caller: a list for each kind of data, each row as it is stored."""

    model_config = ConfigDict(extra="allow")

    user_id: str
    exported_at: Moment


class Erased(CamelModel):
    """The receipt: rows erased, by kind. Everything that was stored before `erasedAt` is gone."""

    receipt_id: str
    erased_at: Moment
    erased: dict[str, int]

    @classmethod
    def of(cls, receipt: ErasureReceipt) -> Self:
        """Show a receipt."""
        return cls(receipt_id=receipt.receipt_id, erased_at=receipt.erased_at, erased=dict(receipt.erased))


async def written_copy(user_id: str, at: datetime, sections: Sections) -> AsyncIterator[bytes]:
    """The JSON of a `DataCopy`, in chunks of about 64 KiB, whatever its length.

    The first chunk comes after the first read, so that a database that is away is noticed before anything is sent.
    """
    waiting: list[str] = []
    size = 0
    async for text in _texts(user_id, at, sections):
        waiting.append(text)
        size += len(text)
        if size >= _CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()


async def _texts(user_id: str, at: datetime, sections: Sections) -> AsyncIterator[str]:
    yield f'{{"userId":{_json(user_id)},"exportedAt":{_json(at)}'
    for name, rows in sections:
        yield f",{_json(name)}:["
        separator = ""
        async for row in rows:
            yield separator + _json(row)
            separator = ","
        yield "]"
    yield "}"


def _json(value: object) -> str:
    return json.dumps(value, default=_to_json, separators=(",", ":"), allow_nan=False)


def _to_json(value: object) -> str:
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} is no plain value")
