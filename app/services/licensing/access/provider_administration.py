"""What an admin sees and changes of providers: set-ups, the terms of their contracts, and how their breakers stand."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from app.models.licensing.breakers import Breaker
from app.models.licensing.licences import LicenceTerms, TermsDraft
from app.models.licensing.provider_setups import ProviderChange, ProviderShown
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.services.licensing.access.provider_setups import ProviderSetupService


class Terms(Protocol):
    """The terms of contracts with providers."""

    async def set(self, provider: ProviderName, tenant_id: str | None, draft: TermsDraft, by: str) -> LicenceTerms:
        """Put terms in force for everybody (`None`) from now on."""
        ...

    async def current(self, provider: ProviderName, tenant_id: str | None) -> LicenceTerms | None:
        """The terms in force for everybody (`None`), if there are any."""
        ...


class BreakerStates(Protocol):
    """How breakers stand."""

    def of(self, name: ProviderName) -> Breaker:
        """That of one provider, in this process."""
        ...


class Blocks(Protocol):
    """Quotas that providers have closed."""

    async def unblock(self, provider: ProviderName) -> None:
        """Open it again."""
        ...


class ProviderAdministration:
    """Providers as admins see them. Credentials go in and never come out."""

    def __init__(self, setups: ProviderSetupService, terms: Terms, breakers: BreakerStates, blocks: Blocks) -> None:
        self._setups = setups
        self._terms = terms
        self._breakers = breakers
        self._blocks = blocks

    async def all(self) -> Sequence[ProviderShown]:
        """All providers, in the order of `ProviderName`.

        Raises:
            Unavailable: the database is away.
        """
        return await asyncio.gather(*(self._shown(setup) for setup in await self._setups.all()))

    async def get(self, name: ProviderName) -> ProviderShown:
        """One provider.

        Raises:
            Unavailable: the database is away.
        """
        return await self._shown(await self._setups.get(name))

    async def change(
        self, name: ProviderName, change: ProviderChange, terms: TermsDraft | None, by: str
    ) -> ProviderShown:
        """Change what is named and leave the rest; `by` is the admin's user id.

        A wait that the provider has asked for ends with it.

        Raises:
            Invalid: a field is wrong; nothing is changed.
            Conflict: there is no key to seal credentials with; nothing is changed.
            Unavailable: the database is away; the same change can be made again.
        """
        self._setups.check(name, change)
        if terms is not None:
            await self._terms.set(name, None, terms, by)
        if change != ProviderChange():
            setup = await self._setups.change(name, change, by)
            await self._blocks.unblock(name)
            return await self._shown(setup)
        return await self.get(name)

    async def _shown(self, setup: ProviderSetup) -> ProviderShown:
        terms = await self._terms.current(setup.name, None)
        return ProviderShown(setup, self._breakers.of(setup.name), terms)
