"""Set-ups while the database is away: all who wait hear of it at once, and what was known goes on."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Unavailable
from app.models.licensing.provider_setups import StoredSetup
from app.models.licensing.providers import ProviderName
from app.services.licensing.access.credentials import CredentialVault
from app.services.licensing.access.provider_setups import ProviderSetupService
from app.services.licensing.providers.registry import POLICIES

PATIENCE = 0.05


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 6, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class Store:
    """Counts reads; while it is away each takes what a driver takes to give up."""

    def __init__(self) -> None:
        self.is_away = False
        self.reads = 0

    async def all(self) -> Mapping[ProviderName, StoredSetup]:
        self.reads += 1
        if self.is_away:
            await asyncio.sleep(PATIENCE)
            raise Unavailable("The database is away, please try again")
        return {}


def service(store: Store, clock: Clock) -> ProviderSetupService:
    return ProviderSetupService(store, POLICIES, CredentialVault(list), clock, private_allowed=True)  # type: ignore[arg-type]


async def test_all_who_wait_hear_of_it_at_once() -> None:
    store = Store()
    store.is_away = True
    setups = service(store, Clock())
    said = await asyncio.gather(*(setups.get(ProviderName.JAMENDO) for _ in range(30)), return_exceptions=True)
    assert {type(one) for one in said} == {Unavailable}
    assert store.reads == 1


async def test_what_was_known_goes_on() -> None:
    store, clock = Store(), Clock()
    setups = service(store, clock)
    before = await setups.get(ProviderName.JAMENDO)
    store.is_away = True
    clock.time += timedelta(minutes=5)
    assert await asyncio.gather(*(setups.get(ProviderName.JAMENDO) for _ in range(30))) == [before] * 30
    assert store.reads == 2
    await setups.close()


async def test_it_is_read_again_when_it_is_back() -> None:
    store, clock = Store(), Clock()
    setups = service(store, clock)
    store.is_away = True
    with pytest.raises(Unavailable):
        await setups.all()
    store.is_away = False
    assert len(await setups.all()) == len(ProviderName)
