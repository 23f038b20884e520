"""A person's own data: a copy of all of it, and its erasure.

The ground floor knows no collection: each wing contributes its `PersonalData`, in the order in which they are shown.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol
from uuid import uuid4

import structlog

from app.clock import Clock
from app.models.privacy import ErasureReceipt, Row, RowKey
from app.services.pieces import Pieces

log = structlog.get_logger(__name__)

_ROUNDS = 10


class PersonalData(Protocol):
    """One kind of data about people; `name` is what copies and receipts call it."""

    @property
    def name(self) -> str:
        """The kind, in the plural and in camelCase."""
        ...

    def export(self, user_id: str) -> AsyncIterator[Row]:
        """Everything of this kind about the user, in bounded memory."""
        ...

    def erase(self, user_id: str) -> AsyncIterator[int]:
        """Erase all of it, piece by piece; how many rows each piece had."""
        ...


class StoredRows(Protocol):
    """Rows of one collection that belong to users."""

    def read(self, user_id: str) -> AsyncIterator[Row]:
        """All rows of the user."""
        ...

    async def pick(self, user_id: str, limit: int) -> Sequence[RowKey]:
        """The keys of some rows of the user; none when there are no more."""
        ...

    async def remove(self, user_id: str, keys: Sequence[RowKey]) -> int:
        """Remove these rows, with whatever counts them, in one transaction; how many were still there."""
        ...


class PersonalRows:
    """`PersonalData` that lies in rows of one collection."""

    def __init__(self, name: str, rows: StoredRows, piece: int = 500) -> None:
        self.name = name
        self._rows = rows
        self._piece = piece

    def export(self, user_id: str) -> AsyncIterator[Row]:
        """Everything of this kind about the user.

        Raises:
            Unavailable: the database is away.
        """
        return self._rows.read(user_id)

    async def erase(self, user_id: str) -> AsyncIterator[int]:
        """Erase all of it, and yield how many rows each transaction has removed.

        Raises:
            Unavailable: the database is away; the rest is erased by the next call.
        """

        async def remove(keys: Sequence[RowKey], is_in_doubt: bool) -> int:
            gone = await self._rows.remove(user_id, keys)
            # After an unknown outcome, what is gone was removed by us.
            return len(keys) if is_in_doubt else gone

        pieces = Pieces(self._piece)
        while keys := await self._rows.pick(user_id, pieces.largest):
            async for gone in pieces.apply(keys, remove):
                yield gone


class PrivacyService:
    """Copies and erases what is stored about a user. What anonymous sessions left behind names nobody, and stays."""

    def __init__(self, parts: Sequence[PersonalData], clock: Clock) -> None:
        self._parts = tuple(parts)
        self._clock = clock

    def export(self, user_id: str) -> list[tuple[str, AsyncIterator[Row]]]:
        """Everything about the user: each kind with its rows, which are read only as far as they are asked for.

        Raises:
            Unavailable: from the rows, when the database is away.
        """
        return [(part.name, part.export(user_id)) for part in self._parts]

    async def erase(self, user_id: str, progress: Callable[[int], object] = int) -> ErasureReceipt:
        """Erase everything about the user; counters and rollups follow. `progress` hears how many rows are gone.

        What arrives meanwhile (a player that is still open) is erased too: round follows round until one finds
        nothing, or ten have passed. The receipt tells from when on something new may be there: the start of the
        last round. Cut off at any point, all counts are right, and another call does the rest. A second call finds
        nothing and answers with zeros.

        Raises:
            Unavailable: the database is away; some may be erased already, and the same call can be made again.
        """
        erased = Counter({part.name: 0 for part in self._parts})
        for _ in range(_ROUNDS):
            until = self._clock.now()
            if not await self._round(user_id, erased, progress):
                break
        receipt = ErasureReceipt(uuid4().hex, until, dict(erased))
        log.info("personal_data_erased", receipt_id=receipt.receipt_id, **receipt.erased)
        return receipt

    async def _round(self, user_id: str, erased: Counter[str], progress: Callable[[int], object]) -> int:
        before = erased.total()
        for part in self._parts:
            async for gone in part.erase(user_id):
                erased[part.name] += gone
                progress(erased.total())
        return erased.total() - before
