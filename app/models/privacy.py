"""What is stored about one person, and the receipt for its erasure."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, Union

Plain: TypeAlias = Union[bool, int, float, str, datetime, Sequence["Plain"], Mapping[str, "Plain"], None]  # noqa: UP007 - no `|` with quotes
"""A value that JSON can hold, once its times are written out."""

Row = Mapping[str, Plain]
"""One stored row, with the names that it is stored under; its key is `id`."""

RowKey = Hashable
"""A row's key as the database keeps it; only repositories look inside."""


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """What was erased, in rows by kind; everything that was stored before `erased_at` is gone."""

    receipt_id: str
    erased_at: datetime
    erased: Mapping[str, int]
