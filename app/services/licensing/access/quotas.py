"""Keeps the quotas of providers, exactly and over all processes: no call is made without a place in every window."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from app.clock import iso
from app.errors import Allowance, QuotaExceeded
from app.metrics import PROVIDER_CALLS_REFUSED
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.quotas import CountedWindow, Place, ProviderQuota, QuotaStanding, WindowStanding, windows_of
from app.services.licensing.access.turns import QuotaLedger, QuotaTurns
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Setups

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=2)
"""How long somebody who searches waits for a place."""

LONGEST_PAUSE = timedelta(seconds=5)
"""After which a background call looks again, whatever the ledger promised."""

LONGEST_BLOCK = timedelta(days=1)
"""No provider is left alone for longer, whatever it says: its longest quota is a day's."""

_SHORTEST_PAUSE_SECONDS = 0.02


class QuotaSpent(QuotaExceeded):
    """A call that was not made, because the ledger had no place for it."""


class QuotaService:
    """Places for calls, in one ledger of all processes.

    A place counts from its reservation until a whole window after the call's end, so any N + 1 calls that arrive at
    the provider within one window would have held N + 1 places at once. A killed process leaves its places for
    `LONGEST_CALL` longer.
    """

    def __init__(
        self,
        ledger: QuotaLedger,
        setups: Setups,
        patience: timedelta = PATIENCE,
        longest_pause: timedelta = LONGEST_PAUSE,
    ) -> None:
        self._ledger = ledger
        self._setups = setups
        self._patience = patience
        self._longest_pause = longest_pause
        self._turns = {name: QuotaTurns(ledger, name) for name in ProviderName}

    async def reserve(self, setup: ProviderSetup, kind: str, *, background: bool = False) -> Place:
        """A place for one call of this kind, which has to be over at the place's deadline.

        Background calls wait as long as it takes, and leave the last fifth of every limit to people.

        Raises:
            QuotaSpent: no call will be free in time; with the time of the next one.
            ProviderFailed: the provider was switched off while a background call waited.
            Unavailable: the database is away.
        """
        turns, now = self._turns[setup.name], asyncio.get_running_loop().time
        gives_up_at = now() + self._patience.total_seconds()
        while True:
            answer = await turns.ask(windows_of(setup), kind, background=background)
            if isinstance(answer, Place):
                return answer
            wait = (answer.free_at(kind, background=background) - answer.as_of).total_seconds()
            if not background and now() + wait > gives_up_at:
                PROVIDER_CALLS_REFUSED.labels(setup.name.value, "quota").inc()
                raise _exceeded(setup, answer, kind)
            await asyncio.sleep(self._pause(wait))
            if background:
                setup = await self._as_it_is_now(setup)

    def leave(self, place: Place) -> None:
        """The call has ended, or never began; what may still be on its way must keep its place."""
        self._turns[place.provider].leave(place)

    async def block(self, provider: ProviderName, wait: timedelta) -> None:
        """Let no process call the provider for so long, because it said so; at most for a day.

        Raises:
            Unavailable: the database is away.
        """
        wait = min(wait, LONGEST_BLOCK)
        if wait > timedelta(0):
            log.warning("provider_blocked", provider=provider.value, seconds=wait.total_seconds())
            await self._ledger.block(provider, wait)

    async def unblock(self, provider: ProviderName) -> None:
        """Forget that a provider said so: it may have said it of a key, or from an address, that is no longer used.

        Raises:
            Unavailable: the database is away.
        """
        await self._ledger.unblock(provider)

    async def standings(self) -> list[ProviderQuota]:
        """How the quotas of all providers stand.

        Raises:
            Unavailable: the database is away.
        """
        windows = {setup.name: windows_of(setup) for setup in await self._setups.all()}
        found = await self._ledger.standings(windows)
        return [ProviderQuota(name, found.get(name) or _never_called(windows[name])) for name in windows]

    async def close(self) -> None:
        """Note the calls that have ended, so that others need not wait for their places."""
        await asyncio.gather(*(turns.idle() for turns in self._turns.values()))

    def _pause(self, wait: float) -> float:
        """Not all at once, and again soon: limits are raised, and calls of others end."""
        pause = min(max(wait, _SHORTEST_PAUSE_SECONDS), self._longest_pause.total_seconds())
        return pause + random.uniform(0, min(pause, 0.05))  # noqa: S311 - no secret

    async def _as_it_is_now(self, setup: ProviderSetup) -> ProviderSetup:
        latest = await self._setups.get(setup.name)
        if not latest.is_configured:
            raise ProviderFailed(setup.name, f"{setup.policy.title} was switched off while a call waited for its turn")
        return latest


def _never_called(windows: Sequence[CountedWindow]) -> QuotaStanding:
    return QuotaStanding(datetime.min.replace(tzinfo=UTC), tuple(WindowStanding(one, ()) for one in windows))


def _exceeded(setup: ProviderSetup, standing: QuotaStanding, kind: str) -> QuotaSpent:
    free_at = standing.free_at(kind)
    wait = free_at - standing.as_of
    if standing.is_blocked:
        return QuotaSpent(f"{setup.policy.title} has asked to be left alone until {iso(free_at)}", wait)
    message = f"The quota of {setup.policy.title} is used up; the next call is free at {iso(free_at)}"
    return QuotaSpent(message, wait, _allowance(standing, kind, wait))


def _allowance(standing: QuotaStanding, kind: str, wait: timedelta) -> Allowance | None:
    tightest = standing.tightest(kind)
    if tightest is None or tightest.window.limit is None:
        return None
    return Allowance(tightest.window.limit, 0, wait, tightest.window.length)
