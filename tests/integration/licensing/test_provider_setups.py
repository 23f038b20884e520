"""How providers are set up: over their defaults, seen soon by all, and safe under changes at once."""

import asyncio
import base64
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.errors import Conflict, Invalid
from app.models.licensing.provider_setups import ProviderChange, StoredSetup
from app.models.licensing.providers import CacheKind, CacheTtl, ProviderName, RateLimit
from app.repositories.mongo import Mongo
from app.repositories.provider_setups import ProviderSetupRepository
from app.services.licensing.access.credentials import CredentialVault
from app.services.licensing.access.provider_setups import ProviderSetupService
from app.services.licensing.providers.registry import POLICIES
from tests.integration.explained import RecordedMongo, plans_of
from tests.unit.identity.forging import MovableClock

SOUNDSTRIPE, ARTLIST, OPENVERSE = ProviderName.SOUNDSTRIPE, ProviderName.ARTLIST, ProviderName.OPENVERSE


def key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


KEY = key()


class CountingStore(ProviderSetupRepository):
    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo)
        self.reads = 0
        self.held: asyncio.Event | None = None

    async def all(self) -> Mapping[ProviderName, StoredSetup]:
        self.reads += 1
        found = await super().all()
        if self.held:
            await self.held.wait()
        return found


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def store(mongo: Mongo) -> CountingStore:
    return CountingStore(mongo)


def service(
    store: ProviderSetupRepository, clock: MovableClock, *keys: str, private_allowed: bool = True
) -> ProviderSetupService:
    return ProviderSetupService(store, POLICIES, CredentialVault(lambda: keys), clock, private_allowed=private_allowed)


@pytest.fixture
def setups(store: CountingStore, clock: MovableClock) -> ProviderSetupService:
    return service(store, clock, KEY)


async def test_at_first_nothing_can_be_asked_and_nothing_free_is_on(setups: ProviderSetupService) -> None:
    all_of_them = await setups.all()
    assert [one.name for one in all_of_them] == list(ProviderName)
    assert not any(one.is_configured for one in all_of_them)
    enabled = {one.name for one in all_of_them if one.enabled}
    assert enabled == {name for name, policy in POLICIES.items() if policy.required_credentials}
    assert {OPENVERSE, ProviderName.INTERNET_ARCHIVE}.isdisjoint(enabled)
    openverse = await setups.get(OPENVERSE)
    assert (openverse.base_url, openverse.rate_limit) == (
        POLICIES[OPENVERSE].base_url,
        POLICIES[OPENVERSE].rate_limit,
    )
    assert (openverse.version, openverse.updated_at) == (0, None)


async def test_a_change_holds_at_once_and_leaves_the_rest(setups: ProviderSetupService, clock: MovableClock) -> None:
    await setups.get(SOUNDSTRIPE)
    await setups.change(SOUNDSTRIPE, ProviderChange(credentials={"apiKey": "s3cret"}), by="admin-1")
    assert (await setups.get(SOUNDSTRIPE)).is_configured
    change = ProviderChange(
        base_url="http://127.0.0.1:9/v1",
        rate_limit={"perHour": 7, "perDay": None},
        cache_ttl={CacheKind.SEARCH: timedelta(minutes=5)},
    )
    await setups.change(SOUNDSTRIPE, change, by="admin-1")
    found = await setups.get(SOUNDSTRIPE)
    default = POLICIES[SOUNDSTRIPE].rate_limit
    assert found.base_url == "http://127.0.0.1:9/v1"
    assert found.rate_limit == RateLimit(default.per_minute, 7, None)
    assert found.cache_ttl == replace(CacheTtl(), search=timedelta(minutes=5))
    assert dict(found.credentials) == {"apiKey": "s3cret"}
    assert (found.version, found.updated_at) == (2, clock.now())
    await setups.change(SOUNDSTRIPE, ProviderChange(base_url="", credentials={"apiKey": None}), by="admin-1")
    found = await setups.get(SOUNDSTRIPE)
    assert found.base_url == POLICIES[SOUNDSTRIPE].base_url
    assert found.missing_credentials == ("apiKey",)


async def test_others_see_a_change_within_a_second_and_ask_no_more_often(
    setups: ProviderSetupService,
    store: CountingStore,
    clock: MovableClock,
    mongo: Mongo,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What was known goes on when the database takes longer, as it may here.
    monkeypatch.setattr("app.services.licensing.access.provider_setups._READ_WITHIN_SECONDS", 30)
    other = service(ProviderSetupRepository(mongo), clock, KEY)
    for _ in range(20):
        await asyncio.gather(*(setups.get(name) for name in ProviderName))
    assert store.reads == 1
    await other.change(OPENVERSE, ProviderChange(enabled=True), by="admin-2")
    assert not (await setups.get(OPENVERSE)).enabled
    clock.advance(seconds=1)
    assert (await setups.get(OPENVERSE)).enabled
    assert store.reads == 2


async def test_a_read_that_began_before_a_change_does_not_hide_it(
    setups: ProviderSetupService, store: CountingStore
) -> None:
    store.held = asyncio.Event()
    reading = asyncio.create_task(setups.get(OPENVERSE))
    while not store.reads:
        await asyncio.sleep(0)
    changing = asyncio.create_task(setups.change(OPENVERSE, ProviderChange(enabled=True), by="admin-1"))
    await asyncio.sleep(0.05)
    store.held.set()
    await asyncio.gather(reading, changing)
    assert (await setups.get(OPENVERSE)).enabled


async def test_of_changes_at_once_all_stay(mongo: Mongo, clock: MovableClock) -> None:
    processes = [service(ProviderSetupRepository(mongo), clock, KEY) for _ in range(4)]
    changes = [
        ProviderChange(enabled=False),
        ProviderChange(credentials={"clientId": "id"}),
        ProviderChange(credentials={"clientSecret": "s3cret"}),
        ProviderChange(rate_limit={"perDay": 3}),
    ]
    await asyncio.gather(*(one.change(ARTLIST, change, by="x") for one, change in zip(processes, changes, strict=True)))
    found = await service(ProviderSetupRepository(mongo), clock, KEY).get(ARTLIST)
    assert not found.enabled
    assert dict(found.credentials) == {"clientId": "id", "clientSecret": "s3cret"}
    assert (found.rate_limit.per_day, found.version) == (3, 4)


BAD = [
    (SOUNDSTRIPE, ProviderChange(credentials={"token": "s3cret"}), "credentials.token"),
    (ProviderName.INTERNET_ARCHIVE, ProviderChange(credentials={"apiKey": "s3cret"}), "credentials.apiKey"),
    (ARTLIST, ProviderChange(credentials={"tokenUrl": "http://10.0.0.1/"}), "credentials.tokenUrl"),
    (ARTLIST, ProviderChange(base_url="http://api.example.com"), "baseUrl"),
    (ARTLIST, ProviderChange(base_url="https://127.0.0.1"), "baseUrl"),
    (ARTLIST, ProviderChange(base_url="https://a:b@example.com"), "baseUrl"),
]


@pytest.mark.parametrize(("name", "change", "field"), BAD, ids=[str(number) for number in range(len(BAD))])
async def test_what_cannot_be_set(
    store: CountingStore, clock: MovableClock, mongo: Mongo, name: ProviderName, change: ProviderChange, field: str
) -> None:
    strict = service(store, clock, KEY, private_allowed=False)
    with pytest.raises(Invalid) as refused:
        await strict.change(name, change, by="admin-1")
    assert [fault.field for fault in refused.value.errors] == [field]
    assert "s3cret" not in str(refused.value.errors)
    assert await mongo.db["provider_setups"].count_documents({}) == 0


async def test_without_a_key_all_but_credentials_can_be_set(store: CountingStore, clock: MovableClock) -> None:
    keyless = service(store, clock)
    with pytest.raises(Conflict, match="PROVIDER_SECRETS_KEY"):
        await keyless.change(SOUNDSTRIPE, ProviderChange(credentials={"apiKey": "s3cret"}), by="admin-1")
    await keyless.change(OPENVERSE, ProviderChange(enabled=True), by="admin-1")
    await keyless.change(SOUNDSTRIPE, ProviderChange(credentials={"apiKey": None}), by="admin-1")
    assert (await keyless.get(OPENVERSE)).is_configured


async def test_what_another_key_has_sealed_counts_as_missing(
    setups: ProviderSetupService, store: CountingStore, clock: MovableClock
) -> None:
    await setups.change(SOUNDSTRIPE, ProviderChange(credentials={"apiKey": "s3cret"}), by="admin-1")
    found = await service(store, clock, key()).get(SOUNDSTRIPE)
    assert found.missing_credentials == ("apiKey",)
    assert not found.is_configured


async def test_an_old_key_is_needed_no_more_after_all_was_sealed_anew(
    setups: ProviderSetupService, store: CountingStore, clock: MovableClock
) -> None:
    await setups.change(ARTLIST, ProviderChange(credentials={"clientId": "i", "clientSecret": "s"}), by="admin-1")
    new = key()
    assert await service(store, clock, new, KEY).reseal() == 2
    assert await service(store, clock, new, KEY).reseal() == 0
    found = await service(store, clock, new).get(ARTLIST)
    assert dict(found.credentials) == {"clientId": "i", "clientSecret": "s"}
    assert found.version == 1


async def test_sealing_anew_does_not_undo_a_change(mongo: Mongo, setups: ProviderSetupService) -> None:
    store = ProviderSetupRepository(mongo)
    await setups.change(SOUNDSTRIPE, ProviderChange(credentials={"apiKey": "first"}), by="admin-1")
    seen = (await store.all())[SOUNDSTRIPE].credentials["apiKey"]
    await setups.change(SOUNDSTRIPE, ProviderChange(credentials={"apiKey": "second"}), by="admin-1")
    assert not await store.reseal(SOUNDSTRIPE, "apiKey", seen, "resealed first")


async def test_the_database_holds_no_credential_in_the_clear(mongo: Mongo, setups: ProviderSetupService) -> None:
    await setups.change(ARTLIST, ProviderChange(credentials={"clientId": "pl4in", "clientSecret": "pl4in"}), by="a")
    row = await mongo.db["provider_setups"].find_one({"_id": "artlist"})
    assert row is not None
    assert set(row["credentials"]) == {"clientId", "clientSecret"}
    assert "pl4in" not in str(row)


async def test_set_ups_are_found_by_their_id(mongod: str, mongo: Mongo) -> None:
    recorded = RecordedMongo(mongod, mongo.db.name)
    store = ProviderSetupRepository(recorded)
    now = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
    try:
        await store.change(OPENVERSE, ProviderChange(enabled=True), now, "admin-1")
        await store.all()
        await store.reseal(OPENVERSE, "clientId", "a", "b")
        plans = await plans_of(recorded)
    finally:
        recorded.close()
    assert len(plans) == 3
    assert not any("COLLSCAN" in plan.stages for plan in plans)
