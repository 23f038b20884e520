"""Uses: each recorded once, and only while it is licensed."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Self

import pytest

from app.clock import Clock, SystemClock, to_stored_precision
from app.errors import Conflict, LicenseInvalid, NotFound
from app.models.licensing.favorites import TrackRef
from app.models.licensing.licences import LicenceTerms, TermsDraft
from app.models.licensing.tracks import LicenceCode, LicenceFacts
from app.models.licensing.usage import Use
from app.repositories.mongo import Mongo
from app.services.licensing.licences.verdicts import WITHDRAWN
from tests.licensing.fake_provider import track
from tests.licensing.licence_house import (
    DAY,
    OPENVERSE,
    SOUNDSTRIPE,
    START,
    YOUTUBE,
    FakeFacts,
    LicenceHouse,
    free_track,
)
from tests.waiting import eventually

MS = timedelta(milliseconds=1)
USERS = 50


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[LicenceHouse]:
    made = LicenceHouse(mongo)
    made.facts.offer(track(1), free_track(7))
    yield made
    await made.close()


async def count(house: LicenceHouse) -> int:
    return await house.mongo.db["music_usages"].count_documents({})


async def test_a_use_keeps_what_it_rests_on(house: LicenceHouse) -> None:
    terms = await house.set(attribution="Music: S", expires_at=START + DAY)
    usage = await house.use(tenant="label-a")
    assert (usage.title, usage.artist, usage.genres, usage.moods) == ("Track 1", "Artist 1", ("pop",), ("dark",))
    assert (usage.used_at, usage.use, usage.tenant_id, usage.user_id) == (START, YOUTUBE, "label-a", "ann")
    licence = usage.licence
    assert (licence.type, licence.terms_version, licence.terms_tenant_id) == ("subscription", terms.version, None)
    assert (licence.attribution, licence.valid_until, licence.evidence_version) == ("Music: S", START + DAY, 1)
    free = await house.use("7", provider=OPENVERSE)
    assert (free.licence.terms_version, free.licence.type, free.licence.code) == (None, "creative_commons", "by")
    assert await house.mongo.db["license_terms"].count_documents({"useCount": 1, "lastUsedAt": START}) == 1
    assert await house.mongo.db["license_evidence"].count_documents({"useCount": 1, "lastUsedAt": START}) == 2


async def test_experiments_hear_of_uses_and_cannot_hinder_them(house: LicenceHouse) -> None:
    await house.set()
    await house.use()
    assert house.conversions.uses == [("ann", TrackRef(SOUNDSTRIPE, "1"))]
    house.conversions.is_away = True
    await house.use()
    assert await count(house) == 2


async def test_without_a_licence_nothing_is_recorded(house: LicenceHouse) -> None:
    with pytest.raises(LicenseInvalid, match="Nobody has entered the terms"):
        await house.use()
    await house.set(uses=("tv",), expires_at=START + DAY)
    with pytest.raises(LicenseInvalid) as refused:
        await house.use()
    assert refused.value.reasons == ("The contract does not cover the usage youtube",)
    await house.use(use=Use("tv", "DE"))
    house.clock.move(DAY)
    with pytest.raises(LicenseInvalid, match="ends at"):
        await house.use(use=Use("tv", "DE"))
    assert await count(house) == 1


async def test_what_the_provider_withdrew_is_refused_and_what_never_was_is_not_found(house: LicenceHouse) -> None:
    await house.set()
    await house.use()
    house.facts.take_away(track(1))
    house.clock.move(DAY)
    with pytest.raises(LicenseInvalid) as refused:
        await house.use()
    assert refused.value.reasons == (WITHDRAWN,)
    with pytest.raises(NotFound):
        await house.use("none")
    assert await count(house) == 1


async def test_a_changed_licence_counts_at_once(house: LicenceHouse) -> None:
    await house.use("7", provider=OPENVERSE)
    house.facts.offer(free_track(7, LicenceFacts(LicenceCode.BY_NC, "4.0")))
    house.clock.move(DAY)
    with pytest.raises(LicenseInvalid, match="by-nc"):
        await house.use("7", provider=OPENVERSE)


async def test_the_same_key_of_the_same_user_is_one_use(house: LicenceHouse) -> None:
    await house.set()
    first, *others = await asyncio.gather(*(house.use(key="k") for _ in range(5)))
    assert all(other == first for other in others)
    assert await count(house) == 1
    assert (await house.use(key="k", user="bob")).id != first.id
    assert (await house.use(key="other")).id != first.id
    house.clock.move(DAY)
    await house.set(uses=())
    assert await house.use(key="k") == first
    with pytest.raises(Conflict, match="Idempotency-Key"):
        await house.use(key="k", use=Use("youtube", "AT"))
    assert await count(house) == 3


async def test_one_refused_use_does_not_cost_the_others(house: LicenceHouse) -> None:
    await house.set(uses=("youtube",))
    answers = await asyncio.gather(
        *(house.use(use=Use("youtube" if number % 2 else "tv", "DE")) for number in range(20)), return_exceptions=True
    )
    assert sum(isinstance(answer, LicenseInvalid) for answer in answers) == 10
    assert await count(house) == 10


async def test_versions_and_uses_fit_together_where_clocks_do_not(house: LicenceHouse) -> None:
    """One process is an hour ahead: what it wrote must not seem to be later than what rests on it."""
    ahead = LicenceHouse(house.mongo, facts=house.facts)
    ahead.clock.move(timedelta(hours=1))
    first = await ahead.set()
    usage = await house.use()
    assert usage.used_at == first.made_at
    later = await ahead.use()
    second = await house.set(uses=("youtube",))
    assert second.made_at == later.used_at + MS
    await ahead.close()


class Crowd:
    """Fifty users who record uses of a few tracks until they are told to stop."""

    def __init__(self, houses: list[LicenceHouse], tenant: str | None = None) -> None:
        self.recorded = 0
        self.refused = 0
        self._houses = houses
        self._tenant = tenant
        self._is_over = False

    async def __aenter__(self) -> Self:
        self._users = [asyncio.create_task(self._user(number)) for number in range(USERS)]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_over = True
        await asyncio.gather(*self._users)

    async def is_recorded(self) -> None:
        """Come back when more was recorded: terms that nobody used would show nothing, however fast the machine."""
        before = self.recorded
        await eventually(lambda: self.recorded > before)

    async def is_refused(self) -> None:
        """Come back when every user may have been refused once more."""
        before = self.refused
        await eventually(lambda: self.refused >= before + USERS)

    async def _user(self, number: int) -> None:
        at = self._houses[number % len(self._houses)]
        while not self._is_over:
            try:
                await at.use(str(number % 5), tenant=self._tenant, user=f"user-{number}")
                self.recorded += 1
            except LicenseInvalid:
                self.refused += 1
            await asyncio.sleep(0.002)


class StartedClock:
    """Stands until it is started, and then runs as the real time does."""

    def __init__(self) -> None:
        self._started: float | None = None

    def start(self) -> None:
        self._started = time.monotonic()

    def now(self) -> datetime:
        runs_for = 0 if self._started is None else time.monotonic() - self._started
        return to_stored_precision(START + timedelta(seconds=runs_for))


@asynccontextmanager
async def two_processes(mongo: Mongo, mongod: str, clock: Clock) -> AsyncIterator[list[LicenceHouse]]:
    """Each with connections and engines of its own."""
    facts = FakeFacts(clock)
    facts.offer(*(track(number) for number in range(5)))
    other = Mongo(mongod, mongo.db.name)
    houses = [LicenceHouse(mongo, clock, facts), LicenceHouse(other, clock, facts)]
    yield houses
    for house in houses:
        await house.close()
    other.close()


@pytest.fixture
async def processes(mongo: Mongo, mongod: str) -> AsyncIterator[list[LicenceHouse]]:
    """Two of them, by the real time."""
    async with two_processes(mongo, mongod, SystemClock()) as houses:
        yield houses


async def test_not_one_use_after_the_end(mongo: Mongo, mongod: str) -> None:
    clock, ends = StartedClock(), START + timedelta(seconds=1)
    async with two_processes(mongo, mongod, clock) as processes:
        house = processes[0]
        await house.set(expires_at=ends)
        async with Crowd(processes) as crowd:
            await crowd.is_recorded()
            clock.start()
            await crowd.is_refused()
        rows = await mongo.db["music_usages"].find({}).to_list(None)
        report = await house.compliance.report()
    assert crowd.recorded == len(rows) > 0
    assert all(row["usedAt"] < ends for row in rows)
    assert (report.all.total, report.all.valid, report.all.rate) == (len(rows), 0, 0.0)
    assert [(one.days_left, one.uses) for one in report.expired] == [(0, len(rows))]
    assert len(report.invalid) == min(len(rows), 100)


async def test_no_use_under_superseded_terms(processes: list[LicenceHouse]) -> None:
    """An admin changes terms ten times, of everybody and at last of nobody, while the crowd goes on."""
    house = processes[0]
    made: list[LicenceTerms] = [await house.set()]
    async with Crowd(processes) as crowd:
        await crowd.is_recorded()
        for number in range(10):
            is_of_nobody = number % 4 == 3
            uses = ("tv",) if is_of_nobody else ("youtube", f"use-{number}")
            draft = TermsDraft("subscription", uses=uses)
            made.append(await processes[number % 2].terms.set(SOUNDSTRIPE, None, draft, "admin-1"))
            await (crowd.is_refused() if is_of_nobody else crowd.is_recorded())
    rows = await house.mongo.db["music_usages"].find({}).to_list(None)
    assert crowd.recorded == len(rows)
    assert [terms.version for terms in made] == list(range(1, 12))
    assert len({row["termsVersion"] for row in rows}) > 3
    for row in rows:
        in_force = max((one for one in made if one.made_at <= row["usedAt"]), key=lambda one: one.version)
        assert row["termsVersion"] == in_force.version
        assert in_force.terms.uses is None or "youtube" in in_force.terms.uses
    counted = await house.mongo.db["license_terms"].find({}, {"useCount": 1}).to_list(None)
    assert sum(one["useCount"] for one in counted) == crowd.recorded


async def test_the_first_terms_of_a_tenant_are_a_change_too(processes: list[LicenceHouse]) -> None:
    """Uses of a tenant rest on everybody's terms until the very moment at which it has its own."""
    house = processes[0]
    await house.set()
    async with Crowd(processes, tenant="label-a") as crowd:
        await crowd.is_recorded()
        own = await house.set(tenant="label-a", uses=())
        await crowd.is_refused()
    rows = await house.mongo.db["music_usages"].find({}).to_list(None)
    assert crowd.recorded == len(rows)
    assert all(row["usedAt"] < own.made_at for row in rows)
