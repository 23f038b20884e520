"""Gathers what one process wants of one provider's ledger: one update at a time, for all that wait."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import structlog

from app.errors import Unavailable
from app.models.licensing.providers import ProviderName
from app.models.licensing.quotas import CountedWindow, Leaving, Place, QuotaStanding, Turn, Wish

log = structlog.get_logger(__name__)

CALL_WITHIN = timedelta(seconds=12)
"""How long a call may take from its reservation on.

Three seconds less than it counts as under way, so that what a cut-off call has sent cannot arrive uncounted.
"""


class QuotaLedger(Protocol):
    """The calls that count, in all processes."""

    async def turn(
        self,
        provider: ProviderName,
        windows: Sequence[CountedWindow],
        wishes: Sequence[Wish],
        leaving: Sequence[Leaving],
    ) -> Turn:
        """Let calls end and grant places, all in one atomic update."""
        ...

    async def block(self, provider: ProviderName, wait: timedelta) -> None:
        """Grant nothing to anybody for so long."""
        ...

    async def unblock(self, provider: ProviderName) -> None:
        """Grant again what the windows leave."""
        ...

    async def standings(
        self, windows: Mapping[ProviderName, Sequence[CountedWindow]]
    ) -> Mapping[ProviderName, QuotaStanding]:
        """How the ledgers stand; without those that nobody has ever called."""
        ...


_Class = tuple[bool, str]
"""Whether it is in the background, and the kind: people come first."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    kind: str
    background: bool
    answer: asyncio.Future[Place | QuotaStanding] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class QuotaTurns:
    """While an update is under way the next ones gather; an idle one is made at once."""

    def __init__(self, ledger: QuotaLedger, provider: ProviderName) -> None:
        self._ledger = ledger
        self._provider = provider
        self._windows: Sequence[CountedWindow] = ()
        self._asked: list[_Asked] = []
        self._leaving: list[Place] = []
        self._work: asyncio.Task[None] | None = None

    async def ask(
        self, windows: Sequence[CountedWindow], kind: str, *, background: bool = False
    ) -> Place | QuotaStanding:
        """A place, or how the ledger stands when there is none.

        Raises:
            Unavailable: the database is away.
        """
        asked = _Asked(kind, background)
        self._windows = windows
        self._asked.append(asked)
        self._begin()
        try:
            return await asked.answer
        except asyncio.CancelledError:
            self._give_back(asked)
            raise

    def leave(self, place: Place) -> None:
        """The call is over: it counts for one window more."""
        self._leaving.append(place)
        self._begin()

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._work is not None and not self._work.done():
            await asyncio.gather(self._work, return_exceptions=True)

    def _give_back(self, asked: _Asked) -> None:
        if asked in self._asked:
            self._asked.remove(asked)
        elif asked.answer.done() and not asked.answer.cancelled() and asked.answer.exception() is None:
            place = asked.answer.result()
            if isinstance(place, Place):
                self.leave(place)

    def _begin(self) -> None:
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._work_off(), name=f"quota-{self._provider}")

    async def _work_off(self) -> None:
        while self._asked or self._leaving:
            asked, self._asked = self._asked, []
            leaving, self._leaving = self._leaving, []
            try:
                await self._take_turn(asked, leaving)
            except Exception as error:  # noqa: BLE001 - whoever waits hears of it
                self._fail(asked, error)

    async def _take_turn(self, asked: Sequence[_Asked], leaving: Sequence[Place]) -> None:
        classes: dict[_Class, list[_Asked]] = defaultdict(list)
        for one in asked:
            classes[one.background, one.kind].append(one)
        order = sorted(classes)
        wishes = [Wish(kind, background, len(classes[background, kind])) for background, kind in order]
        # From before the update: what the server calls now cannot be earlier.
        deadline = asyncio.get_running_loop().time() + CALL_WITHIN.total_seconds()
        turn = await self._ledger.turn(self._provider, self._windows, wishes, _over(leaving))
        for key, count in zip(order, turn.granted, strict=True):
            self._answer(classes[key], count, turn.standing, deadline)

    def _answer(self, asked: Sequence[_Asked], granted: int, standing: QuotaStanding, deadline: float) -> None:
        for number, one in enumerate(asked):
            place = Place(self._provider, one.kind, standing.as_of, deadline)
            if not one.answer.done():
                one.answer.set_result(place if number < granted else standing)
            elif number < granted:
                self._leaving.append(place)

    def _fail(self, asked: Sequence[_Asked], error: Exception) -> None:
        # Places that were to be given back are so by themselves, after `LONGEST_CALL`.
        if not isinstance(error, Unavailable):
            log.error("quota_turn_failed", provider=self._provider.value, exc_info=error)
        for one in asked:
            if not one.answer.done():
                one.answer.set_exception(error)


def _over(places: Sequence[Place]) -> list[Leaving]:
    counts = Counter((place.kind, place.reserved_at) for place in places)
    return [Leaving(kind, reserved_at, count) for (kind, reserved_at), count in counts.items()]
