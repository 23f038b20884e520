"""Heeds a provider that says "later" in a body, which only its adapter can read: no process calls it before."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Protocol, runtime_checkable

from app.errors import QuotaExceeded, Unavailable
from app.models.licensing.providers import ProviderSetup
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.sync import SparingPage
from app.models.licensing.tracks import CataloguePage, DownloadAddress, ProviderTrack
from app.services.licensing.access.quotas import QuotaService, QuotaSpent
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Provider, Providers
from app.services.licensing.providers.outbound_failures import CallFailed, SaidLater
from app.services.licensing.sync.ports import NotDue, SparingProvider


@runtime_checkable
class SparingAdapter(Provider, SparingProvider, Protocol):
    """A provider that is both."""


_HEEDED_ALREADY = (QuotaSpent, SaidLater, CallFailed)


class HeedingProvider:
    """An adapter, of whose refusals the quota ledger hears."""

    def __init__(self, adapter: Provider, quotas: QuotaService) -> None:
        self.policy = adapter.policy
        self._adapter = adapter
        self._quotas = quotas

    async def search(self, setup: ProviderSetup, wanted: SearchFilter, page: int) -> SearchPage:
        """See `Provider`."""
        async with self._heeding():
            return await self._adapter.search(setup, wanted, page)

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        """See `Provider`."""
        async with self._heeding():
            return await self._adapter.track(setup, track_id, background=background)

    async def walk(self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str] = ()) -> CataloguePage:
        """See `Provider`."""
        async with self._heeding():
            return await self._adapter.walk(setup, cursor, genres)

    async def download(self, setup: ProviderSetup, track_id: str, file_format: str | None = None) -> DownloadAddress:
        """See `Provider`."""
        async with self._heeding():
            return await self._adapter.download(setup, track_id, file_format)

    async def similar(self, setup: ProviderSetup, track_id: str) -> tuple[ProviderTrack, ...]:
        """See `Provider`."""
        async with self._heeding():
            return await self._adapter.similar(setup, track_id)

    @asynccontextmanager
    async def _heeding(self) -> AsyncIterator[None]:
        try:
            yield
        except (QuotaExceeded, ProviderFailed) as error:
            if error.retry_after is not None and not isinstance(error, _HEEDED_ALREADY):
                with suppress(Unavailable):
                    await self._quotas.block(self.policy.name, error.retry_after)
            raise


class HeedingSparingProvider(HeedingProvider):
    """The same of an adapter that walks sparingly."""

    def __init__(self, adapter: SparingAdapter, quotas: QuotaService) -> None:
        super().__init__(adapter, quotas)
        self._sparing = adapter

    async def walk_sparingly(
        self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str], not_due: NotDue
    ) -> SparingPage:
        """See `SparingProvider`."""
        async with self._heeding():
            return await self._sparing.walk_sparingly(setup, cursor, genres, not_due)


def heeding(adapters: Providers, quotas: QuotaService) -> Providers:
    """All of them, heeded."""
    return {name: _heeded(adapter, quotas) for name, adapter in adapters.items()}


def _heeded(adapter: Provider, quotas: QuotaService) -> HeedingProvider:
    if isinstance(adapter, SparingAdapter):
        return HeedingSparingProvider(adapter, quotas)
    return HeedingProvider(adapter, quotas)
