"""A commit function that keeps what it was given, and fails on demand."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from app.errors import DomainError, FailureReason
from app.services.group_commit.observer import Refusal


@dataclass
class Ledger:
    """Commits words by noting them; `failures` are raised first, one a call; a word in `poison` is refused."""

    committed: list[list[str]] = field(default_factory=list)
    attempts: list[list[str]] = field(default_factory=list)
    failures: deque[Exception] = field(default_factory=deque)
    poison: set[str] = field(default_factory=set)
    refused: dict[str, DomainError] = field(default_factory=dict)
    gate: asyncio.Event | None = None

    async def __call__(self, items: Sequence[str]) -> Sequence[str | DomainError]:
        self.attempts.append(list(items))
        if self.gate is not None:
            await self.gate.wait()
        if self.failures:
            raise self.failures.popleft()
        if self.poison.intersection(items):
            raise ValueError("poisoned")
        self.committed.append(list(items))
        return [self.refused.get(item, f"done {item}") for item in items]


@dataclass
class Notes:
    """An observer that remembers."""

    sizes: list[int] = field(default_factory=list)
    retries: list[FailureReason] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    depths: list[int] = field(default_factory=list)

    def commit(self, size: int) -> AbstractContextManager[object]:
        self.sizes.append(size)
        return nullcontext()

    def waiting(self, weight: int) -> None:
        self.depths.append(weight)

    def retried(self, reason: FailureReason) -> None:
        self.retries.append(reason)

    def refused(self, reason: Refusal) -> None:
        self.refusals.append(reason)
