"""What the cache asks of its stores."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from app.models.licensing.cache import AnswerKey, Holding, KeptBody, SharedFailure, Shelf, Slot, Tally
from app.models.licensing.providers import CacheKind, ProviderName


class Answers(Protocol):
    """Answers that all processes share. Every method raises `Unavailable` when the store is away."""

    async def find(self, key: AnswerKey) -> Slot:
        """What lies there."""
        ...

    async def claim(self, key: AnswerKey, by: str, lifetime: timedelta, now: datetime, generation: int) -> Slot:
        """Take it upon us to fetch the answer, unless a fresh one is there or somebody else is at it."""
        ...

    async def renew(self, key: AnswerKey, by: str, lifetime: timedelta) -> None:
        """Keep a claim of ours."""
        ...

    async def put(self, key: AnswerKey, by: str, kept: KeptBody) -> None:
        """Lay down an answer and end the claim, if it is still ours."""
        ...

    async def give_up(self, key: AnswerKey, by: str, failure: SharedFailure | None) -> None:
        """End a claim of ours without an answer."""
        ...

    async def remove(self, providers: Collection[ProviderName], kinds: Collection[CacheKind]) -> int:
        """Remove the answers and claims of these shelves; returns how many answers there were."""
        ...

    async def holdings(self) -> Mapping[Shelf, Holding]:
        """How much lies on each shelf that is not empty."""
        ...


class StoredGenerations(Protocol):
    """How often each shelf was emptied."""

    async def all(self) -> Mapping[Shelf, int]:
        """Those of the shelves that were ever emptied."""
        ...

    async def advance(self, shelves: Collection[Shelf]) -> Mapping[Shelf, int]:
        """Begin a new generation on these shelves; returns all."""
        ...


class StoredCounts(Protocol):
    """What became of requests, by day."""

    async def add(self, day: datetime, tallies: Mapping[Shelf, Tally]) -> None:
        """Add to a day."""
        ...

    async def since(self, day: datetime) -> Mapping[Shelf, Tally]:
        """The sums over all days from this one on."""
        ...
