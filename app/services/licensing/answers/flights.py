"""One look for an answer: in the store, else by the one call that all processes share."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from random import uniform
from typing import Generic, TypeVar

from app.clock import Clock
from app.errors import NotFound, Unavailable
from app.models.licensing.cache import AnswerKey, KeptBody, Slot
from app.services.licensing.answers.codec import Answer, Codec
from app.services.licensing.answers.ports import Answers
from app.services.licensing.answers.shared_failures import to_error, to_shared
from app.services.licensing.errors import ProviderFailed

T = TypeVar("T")

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CacheTiming:
    """How long things are kept and waited for."""

    stale: timedelta = timedelta(days=7)
    """How long an answer is kept after it was fresh, for when the provider fails."""
    absent: timedelta = timedelta(minutes=1)
    """How long it is believed that the provider has no such thing."""
    claim: timedelta = timedelta(seconds=4)
    """What a killed process holds others up; claims of the living are renewed."""
    longest_call: timedelta = timedelta(seconds=90)
    """More than any call takes with its retries: a bound on what should not happen."""
    patience: timedelta = timedelta(seconds=2)
    """How long the provider is waited for by those who can be given an older answer."""
    poll_seconds: tuple[float, float] = (0.02, 0.05)
    """Between two looks at what another process is fetching."""


class How(Enum):
    """How an answer was come by."""

    FOUND = auto()
    CALLED = auto()
    SHARED = auto()
    OLD = auto()


@dataclass(frozen=True)  # without slots, as Page
class Landed(Generic[T]):
    """What a flight brought."""

    answer: Answer[T]
    how: How


@dataclass(frozen=True)  # without slots, as Page
class Asked(Generic[T]):
    """What is looked for. `fetch` makes the call; the answer is fresh for `ttl`.

    `may_keep` is whether it may be stored. `is_resting` is whether the provider is left alone for now, so that an
    older answer will do.
    """

    key: AnswerKey
    codec: Codec[T]
    fetch: Callable[[], Awaitable[T]]
    ttl: timedelta
    generation: int
    may_keep: bool
    is_resting: bool


class Flight(Generic[T]):
    """A look that is made once; `older` is what was found and is too old, as soon as that is known."""

    def __init__(self, asked: Asked[T], store: Answers, clock: Clock, timing: CacheTiming) -> None:
        self.older: Answer[T] | None = None
        self._asked = asked
        self._store = store
        self._clock = clock
        self._timing = timing
        self._id = uuid.uuid4().hex
        self._is_unreadable = False

    async def land(self) -> Landed[T]:
        """Find the answer, have it fetched, or wait for who is fetching it.

        Raises:
            NotFound is none of them: it is an answer without a value.
            ProviderFailed, QuotaExceeded: the call failed, here or in the process that made it for us.
            Unavailable: the database is away.
        """
        if not self._asked.may_keep:
            return Landed(await self._call(), How.CALLED)
        found = self._look(await self._store.find(self._asked.key))
        if found is not None:
            return Landed(found, How.FOUND)
        if self._asked.is_resting and self.older is not None:
            return Landed(self.older, How.OLD)
        return await self._take_turns()

    async def _take_turns(self) -> Landed[T]:
        """Until one of us has it: claims are lost by whoever is killed, and given up by whoever is stopped."""
        while True:
            slot = await self._claim()
            found = self._look(slot)
            if found is not None:
                return Landed(found, How.SHARED)
            if slot.claimed_by == self._id:
                return Landed(await self._call_and_put(), How.CALLED)
            if slot.claimed_by is None:
                self._is_unreadable = True
                continue
            found = await self._wait_for(slot.claimed_by)
            if found is not None:
                return Landed(found, How.SHARED)

    async def _claim(self) -> Slot:
        """Ours, unless somebody else is at it, or has left what looks fresh; what cannot be read is not."""
        asked, lifetime = self._asked, self._timing.claim
        fresh_after = _NEVER if self._is_unreadable else self._clock.now()
        return await self._store.claim(asked.key, self._id, lifetime, fresh_after, asked.generation)

    async def _wait_for(self, other: str) -> Answer[T] | None:
        """What the other flight has brought, also when that is fresh for no time at all; `None` if it was cut off."""
        before = self.older.observed_at if self.older is not None else None
        while True:
            await asyncio.sleep(uniform(*self._timing.poll_seconds))  # noqa: S311 - keeps processes out of step
            slot = await self._store.find(self._asked.key)
            if slot.claimed_by == other:
                continue
            if slot.failed_by == other and slot.failure is not None:
                raise to_error(slot.failure, self._asked.key.shelf.provider)
            found = self._look(slot) or self.older
            return found if found is not None and found.observed_at != before else None

    def _look(self, slot: Slot) -> Answer[T] | None:
        """The fresh answer in a slot; one that is too old is noted."""
        kept = slot.kept
        if kept is None or kept.generation < self._asked.generation:
            return None
        now = self._clock.now()
        if kept.fresh_until > now:
            return self._asked.codec.unpack(kept)
        if kept.expires_at > now and kept.body is not None and not self._is_older(kept):
            self.older = self._asked.codec.unpack(kept)
        return None

    def _is_older(self, kept: KeptBody) -> bool:
        """Whether it is what we know already."""
        return self.older is not None and self.older.observed_at == kept.observed_at

    async def _call_and_put(self) -> Answer[T]:
        async with self._claim_kept():
            answer = await self._call()
        with suppress(Unavailable):  # the answer is there; at worst the next one asks again
            await self._put(answer)
        return answer

    @asynccontextmanager
    async def _claim_kept(self) -> AsyncIterator[None]:
        """Renew the claim meanwhile; when the call fails, give it up and tell those who wait for it why."""
        renewal = asyncio.create_task(self._renew(), name="cache-claim")
        try:
            yield
        except BaseException as error:
            with suppress(Unavailable):
                await self._store.give_up(self._asked.key, self._id, to_shared(error))
            raise
        finally:
            renewal.cancel()
            await asyncio.wait([renewal])

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._timing.claim.total_seconds() / 4)
            with suppress(Unavailable):
                await self._store.renew(self._asked.key, self._id, self._timing.claim)

    async def _call(self) -> Answer[T]:
        asked = self._asked
        try:
            async with asyncio.timeout(self._timing.longest_call.total_seconds()):
                value: T | None = await asked.fetch()
        except NotFound:
            value = None
        except TimeoutError:
            raise ProviderFailed(asked.key.shelf.provider, "The provider does not answer in time") from None
        return self._answer(value, self._clock.now())

    def _answer(self, value: T | None, now: datetime) -> Answer[T]:
        fresh_until = now + (self._timing.absent if value is None else self._asked.ttl)
        expires_at = fresh_until if value is None else fresh_until + self._timing.stale
        size = self._asked.codec.size_of(value) if self._asked.may_keep else 0
        return Answer(value, now, fresh_until, expires_at, self._asked.generation, size)

    async def _put(self, answer: Answer[T]) -> None:
        asked = self._asked
        body = None if answer.value is None else asked.codec.pack(answer.value)
        if answer.value is not None and body is None:
            await self._store.give_up(asked.key, self._id, None)
            return
        kept = KeptBody(body, answer.observed_at, answer.fresh_until, answer.expires_at, answer.generation)
        await self._store.put(asked.key, self._id, kept)
