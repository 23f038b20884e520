"""One group on its way to a commit: the writes, and who waits for each."""

import asyncio
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from app.services.group_commit.contract import Merging

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class Waiter(Generic[Item, Result]):
    """One caller, and the item it handed in."""

    item: Item
    weight: int
    future: asyncio.Future[Result]


@dataclass(slots=True)
class Entry(Generic[Item, Result]):
    """One write of a group, and everyone who waits for it."""

    item: Item
    waiters: list[Waiter[Item, Result]] = field(default_factory=list)

    @property
    def is_awaited(self) -> bool:
        """Whether anybody still waits for the outcome."""
        return any(not waiter.future.done() for waiter in self.waiters)

    def settle(self, result: Result | BaseException) -> None:
        """Give every waiter the outcome."""
        for waiter in self.waiters:
            if waiter.future.done():
                continue
            if isinstance(result, BaseException):
                waiter.future.set_exception(result)
            else:
                waiter.future.set_result(result)


def merge(waiters: Iterable[Waiter[Item, Result]], merging: Merging[Item] | None) -> list[Entry[Item, Result]]:
    """Fold the waiters' items into one entry per key; without a rule every item is its own entry."""
    entries: dict[Hashable, Entry[Item, Result]] = {}
    for waiter in waiters:
        key = len(entries) if merging is None else merging.key(waiter.item)
        entry = entries.get(key)
        if entry is None or merging is None:
            entries[key] = Entry(waiter.item, [waiter])
        else:
            entry.item = merging.fold(entry.item, waiter.item)
            entry.waiters.append(waiter)
    return list(entries.values())
