"""One page of a longer list."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)  # without slots, as Merging: Page[X](...) must work in Python 3.11
class Page(Generic[T]):
    """Some rows, and the cursor for the next ones; `None` on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None
