"""What a wing gives to the group-commit engine, and what it may rely on."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from app.errors import DomainError

Item = TypeVar("Item")
_Item_contra = TypeVar("_Item_contra", contravariant=True)
_Result_co = TypeVar("_Result_co", covariant=True)


class Commit(Protocol[_Item_contra, _Result_co]):
    """What a wing hands to the engine: makes all items durable in one transaction, or none.

    It must be idempotent, because after an unknown commit result it is called again with the same items. It answers
    one result per item, in order; an item that is refused on its own merits gets a `DomainError` as its result.

    Raises:
        TransientFailure: the same call may succeed later.
        Exception: anything else is taken for the fault of one item; the group is split until that item is alone.
    """

    async def __call__(self, items: Sequence[_Item_contra], /) -> Sequence[_Result_co | DomainError]:
        """Commit the items."""
        ...


@dataclass(frozen=True)  # without slots: in Python 3.11 a frozen generic with slots cannot be made as Merging[X](...)
class Merging(Generic[Item]):
    """How equal items of one group become one write: items of the same `key` are folded with `fold(older, newer)`."""

    key: Callable[[Item], Hashable]
    fold: Callable[[Item, Item], Item]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much the engine holds, in items (or in what `weigh` says), and how long a caller waits at most.

    Two commits begin at least `apart`: where nobody looks at the answer, fewer and larger groups cost less.
    """

    max_group: int = 512
    max_waiting: int = 20_000
    patience: timedelta = timedelta(seconds=4)
    apart: timedelta = timedelta()
