"""One page of a longer list."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)  # without slots, as Merging: Page[X](...) must work in Python 3.11
class Page(Generic[T]):
    """Some rows, and the cursor for the next ones; `None` on the last page."""

    items: tuple[T, ...]
    next_cursor: str | None


CURSOR_PATTERN = (
    r"^(n|d(-[0-9]{1,13}|[0-9]{1,14})|i-?[0-9]{1,18}|x[0-9a-f]{16})\.(o[0-9a-f]{24}|s([0-9a-f]{2}){0,400})$"
)
"""Every text of this form is a cursor: a place in a list, whether or not a row is there."""
