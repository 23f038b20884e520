"""Downloads over the real database: licensed, queued once, resolved in the background, theirs alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from app.errors import Conflict, LicenseInvalid, NotFound, QuotaExceeded
from app.models.licensing.downloads import DownloadDraft, DownloadState, TrackDownload
from app.models.licensing.licences import Verdict
from app.models.licensing.providers import Capabilities, ProviderName, ProviderSetup
from app.models.licensing.tracks import DownloadAddress, LicenceCode
from app.models.licensing.usage import Use
from app.repositories.mongo import Mongo
from app.repositories.track_downloads import TrackDownloadRepository
from app.services.licensing.downloads import service as orders
from app.services.licensing.downloads.queue import DownloadQueue
from app.services.licensing.downloads.service import DownloadService
from app.services.licensing.errors import NotConfigured, NotSupported, ProviderFailed
from tests.licensing.fake_provider import FakeProvider, policy, setup, track
from tests.licensing.webhook_house import MovingClock

SOUNDSTRIPE, ARTLIST, OPENVERSE = ProviderName.SOUNDSTRIPE, ProviderName.ARTLIST, ProviderName.OPENVERSE
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@dataclass
class Licences:
    """Licences of everything until somebody ends them."""

    is_valid: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    async def validate(self, provider: ProviderName, track_id: str, tenant_id: str | None, use: Use) -> Verdict:
        self.asked.append((track_id, tenant_id))
        reasons = () if self.is_valid else ("The licence has ended",)
        return Verdict(self.is_valid, reasons, datetime.now(), LicenceCode.CONTRACT, None, None, None, None)  # noqa: DTZ005


@dataclass
class Files(FakeProvider):
    """Gives addresses that live for an hour; `raises` comes first, call by call."""

    clock: MovingClock = field(default_factory=MovingClock)
    raises: list[Exception] = field(default_factory=list)
    hangs: bool = False
    expires: bool = True
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def download(self, setup: ProviderSetup, track_id: str, file_format: str | None = None) -> DownloadAddress:
        self.asked.set()
        if self.hangs:
            await asyncio.Event().wait()
        if self.raises:
            raise self.raises.pop(0)
        made = await super().download(setup, track_id, file_format)
        url = f"{made.url}?call={len(self.calls)}"
        return replace(made, url=url, expires_at=self.clock.now() + HOUR if self.expires else None)


@dataclass
class Setups:
    off: set[ProviderName] = field(default_factory=set)

    async def get(self, name: ProviderName) -> ProviderSetup:
        return setup(policy(name), enabled=name not in self.off)

    async def all(self) -> Sequence[ProviderSetup]:
        return [await self.get(name) for name in ProviderName]


@dataclass
class House:
    service: DownloadService
    queue: DownloadQueue
    licences: Licences
    files: Files
    setups: Setups
    clock: MovingClock

    async def order(self, **changes: object) -> TrackDownload:
        return await self.service.order(draft(**changes))

    async def done(self, download: TrackDownload) -> TrackDownload:
        """As it is when nothing is due any more."""
        self.queue.kick()
        await self.queue.idle()
        return await self.service.get(download.draft.user_id, download.id)

    async def later(self, download: TrackDownload, by: timedelta) -> TrackDownload:
        self.clock.forward(by)
        return await self.done(download)


def draft(**changes: object) -> DownloadDraft:
    made = DownloadDraft("ada", None, SOUNDSTRIPE, "1", None, "project", Use("youtube", "DE"))
    return replace(made, **changes)


def house_of(mongo: Mongo, clock: MovingClock | None = None) -> House:
    clock, licences, setups = clock or MovingClock(), Licences(), Setups()
    files = Files(tracks=[track(number) for number in range(100)], clock=clock)
    without = policy(OPENVERSE, capabilities=Capabilities(can_download=False))
    providers = {SOUNDSTRIPE: files, ARTLIST: files, OPENVERSE: FakeProvider(without)}
    store = TrackDownloadRepository(mongo)
    queue = DownloadQueue(store, licences, providers, setups, clock)
    service = DownloadService(store, queue, licences, providers, setups, clock)
    return House(service, queue, licences, files, setups, clock)


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[House]:
    made = house_of(mongo)
    yield made
    await made.queue.close()


async def test_an_order_becomes_ready(house: House) -> None:
    ordered = await house.order(format="wav", tenant_id="acme")
    assert (ordered.state, ordered.url) == (DownloadState.QUEUED, None)
    ready = await house.done(ordered)
    assert (ready.state, ready.given_format) == (DownloadState.READY, "wav")
    assert ready.url == "https://files.example.com/1.wav?call=2"
    assert ready.expires_at == house.clock.now() + HOUR
    assert house.licences.asked == [("1", "acme"), ("1", "acme")], "at the order, and when it was its turn"


async def test_what_cannot_be_ordered(house: House) -> None:
    house.setups.off = {ARTLIST}
    with pytest.raises(NotSupported):
        await house.order(provider=OPENVERSE)
    with pytest.raises(NotConfigured):
        await house.order(provider=ARTLIST)
    house.licences.is_valid = False
    with pytest.raises(LicenseInvalid, match="The licence has ended"):
        await house.order()
    assert (await house.service.page("ada", None, None, 10)).items == ()


async def test_the_same_order_is_the_same_download(house: House) -> None:
    first = await house.order()
    assert (await house.order()).id == first.id
    ready = await house.done(first)
    assert await house.order(use=Use("podcast", "FR")) == ready
    others = [await house.order(**changes) for changes in ({"format": "wav"}, {"project_id": "p2"}, {"user_id": "eve"})]
    assert len({first.id, *(one.id for one in others)}) == 4


async def test_orders_at_the_same_time_are_one(mongo: Mongo, house: House) -> None:
    houses = [house, house_of(mongo, house.clock)]
    ordered = await asyncio.gather(*(houses[number % 2].order() for number in range(16)))
    assert len({one.id for one in ordered}) == 1
    await houses[1].queue.close()


async def test_a_licence_that_ends_while_it_waits_ends_the_order(house: House) -> None:
    house.files.raises = [QuotaExceeded("spent", timedelta(minutes=1))]
    ordered = await house.order()
    assert (await house.done(ordered)).state is DownloadState.QUEUED
    house.licences.is_valid = False
    ended = await house.later(ordered, timedelta(minutes=2))
    assert (ended.state, ended.error) == (DownloadState.FAILED, "Not licensed for this use: The licence has ended")
    assert house.files.calls == []


async def test_a_spent_quota_is_waited_for_and_is_no_failure(house: House) -> None:
    house.files.raises = [QuotaExceeded("spent", timedelta(minutes=1))]
    first = await house.order(track_id="0")
    waiting = await house.done(first)
    assert (waiting.state, waiting.error, waiting.failures) == (DownloadState.QUEUED, "spent", 0)
    others = [await house.order(track_id=str(number)) for number in range(1, 10)]
    elsewhere = await house.done(await house.order(provider=ARTLIST))
    assert elsewhere.state is DownloadState.READY
    assert house.files.calls == ["download 1", "track 1"], "nothing more of this provider is tried"
    states = {(await house.later(one, timedelta(seconds=66))).state for one in (first, *others)}
    assert states == {DownloadState.READY}


async def test_failures_are_tried_again_and_given_up_in_the_end(house: House) -> None:
    house.files.raises = [ProviderFailed(SOUNDSTRIPE, "Soundstripe does not answer")] * 3
    ordered = await house.order()
    assert (await house.done(ordered)).error == "Soundstripe does not answer"
    assert (await house.later(ordered, timedelta(seconds=5))).failures == 1, "it is not due yet"
    for _ in range(3):
        await house.later(ordered, timedelta(minutes=2))
    ready = await house.done(ordered)
    assert (ready.state, ready.error) == (DownloadState.READY, None)
    house.files.fails = True
    ordered = await house.order(track_id="2")
    for _ in range(30):
        await house.later(ordered, HOUR)
    failed = await house.done(ordered)
    assert (failed.state, failed.error) == (DownloadState.FAILED, "soundstripe does not answer")
    assert house.files.calls.count("download 2") == 10


async def test_what_the_provider_asks_for_is_waited(house: House) -> None:
    house.files.raises = [ProviderFailed(SOUNDSTRIPE, "later", retry_after=HOUR)]
    ordered = await house.done(await house.order())
    assert (await house.later(ordered, timedelta(minutes=59))).state is DownloadState.QUEUED
    assert (await house.later(ordered, timedelta(minutes=1))).state is DownloadState.READY


async def test_an_unknown_track_fails_at_once(house: House) -> None:
    failed = await house.done(await house.order(track_id="none"))
    assert (failed.state, failed.error) == (DownloadState.FAILED, "Track not found")
    again = await house.order(track_id="none")
    assert again.id != failed.id


async def test_an_expired_address_is_asked_for_anew(house: House) -> None:
    ready = await house.done(await house.order())
    assert await house.service.refresh("ada", ready.id) == ready, "it is still good"
    house.clock.forward(HOUR)
    queued = await house.service.refresh("ada", ready.id)
    assert (queued.state, queued.url, queued.id) == (DownloadState.QUEUED, None, ready.id)
    anew = await house.done(queued)
    assert (anew.state, anew.url == ready.url) == (DownloadState.READY, False)
    house.clock.forward(HOUR)
    ordered = await house.order()
    assert (ordered.id, ordered.state) == (ready.id, DownloadState.QUEUED)
    await house.done(ordered)
    house.clock.forward(HOUR)
    house.licences.is_valid = False
    with pytest.raises(LicenseInvalid):
        await house.service.refresh("ada", ready.id)


async def test_an_address_without_an_end_is_refreshed_when_asked(house: House) -> None:
    house.files.expires = False
    ready = await house.done(await house.order())
    assert await house.order() == ready
    anew = await house.done(await house.service.refresh("ada", ready.id))
    assert anew.url != ready.url


async def test_a_queued_one_can_be_cancelled(house: House) -> None:
    house.files.raises = [QuotaExceeded("spent", HOUR)]
    ordered = await house.order()
    await house.done(ordered)
    cancelled = await house.service.cancel("ada", ordered.id)
    assert cancelled.state is DownloadState.CANCELLED
    assert (await house.service.cancel("ada", ordered.id)).state is DownloadState.CANCELLED
    assert (await house.later(ordered, 2 * HOUR)).state is DownloadState.CANCELLED
    with pytest.raises(Conflict):
        await house.service.refresh("ada", ordered.id)
    ready = await house.done(await house.order())
    with pytest.raises(Conflict):
        await house.service.cancel("ada", ready.id)


async def test_one_cancelled_while_it_is_resolved_stays_cancelled(house: House) -> None:
    house.files.hangs = True
    ordered = await house.order()
    await asyncio.wait_for(house.files.asked.wait(), 30)
    await house.service.cancel("ada", ordered.id)
    for task in list(house.queue._workers._tasks):
        task.cancel()
    taken = await house.service.get("ada", ordered.id)
    await house.service._downloads.ready(taken, DownloadAddress("https://late.example.com/", "mp3"), house.clock.now())
    assert (await house.service.get("ada", ordered.id)).state is DownloadState.CANCELLED


async def test_what_a_process_left_is_done_by_another(mongo: Mongo, house: House) -> None:
    dying = house_of(mongo, house.clock)
    dying.files.hangs = True
    ordered = await dying.order()
    await asyncio.wait_for(dying.files.asked.wait(), 30)
    for task in list(dying.queue._workers._tasks):
        task.cancel()
    assert (await house.later(ordered, timedelta(minutes=1))).state is DownloadState.QUEUED
    assert (await house.later(ordered, timedelta(minutes=2))).state is DownloadState.READY


async def test_one_user_has_so_many_in_the_queue(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MOST_QUEUED", 5)
    house.files.hangs = True
    results = await asyncio.gather(
        *(house.order(project_id=f"p{number}") for number in range(12)), return_exceptions=True
    )
    assert {type(one) for one in results} == {TrackDownload, Conflict}
    waiting = await house.service.page("ada", DownloadState.QUEUED, None, 100)
    assert 1 <= len(waiting.items) <= 5
    assert (await house.order(user_id="eve")).state is DownloadState.QUEUED
    for task in list(house.queue._workers._tasks):
        task.cancel()


async def test_downloads_are_their_users(house: House) -> None:
    ordered = await house.order()
    for asked in (house.service.get, house.service.refresh, house.service.cancel):
        with pytest.raises(NotFound):
            await asked("eve", ordered.id)
    assert (await house.service.page("eve", None, None, 10)).items == ()


async def test_pages_by_state(house: House) -> None:
    made = []
    for number in range(3):
        made.append((await house.done(await house.order(track_id=str(number)))).id)
        house.clock.forward(SECOND)
    first = await house.service.page("ada", DownloadState.READY, None, 2)
    second = await house.service.page("ada", DownloadState.READY, first.next_cursor, 2)
    assert [one.id for one in (*first.items, *second.items)] == made[::-1]
    assert (await house.service.page("ada", DownloadState.QUEUED, None, 2)).items == ()
