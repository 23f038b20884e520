"""What providers tell us: kept once, followed until it is done, whoever dies on the way."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from app.errors import Conflict, Invalid, NotFound, Unauthorized, Unavailable
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.webhooks import SignedBody
from app.repositories.mongo import Mongo
from app.repositories.webhook_receipts import WebhookReceiptRepository
from app.services.licensing.errors import NotSupported
from app.services.licensing.webhooks.inbox import WebhookInbox
from app.services.licensing.webhooks.signatures import sign
from tests.licensing.fake_provider import policy, setup
from tests.licensing.webhook_house import MovingClock

SECRET = "whsec-0123456789"
ARTLIST, OPENVERSE = ProviderName.ARTLIST, ProviderName.OPENVERSE


class Setups:
    """Artlist has a secret, and nobody else."""

    async def get(self, name: ProviderName) -> ProviderSetup:
        credentials = {"webhookSecret": SECRET} if name is ARTLIST else {}
        return setup(policy(name), credentials=credentials)

    async def all(self) -> Sequence[ProviderSetup]:
        return [await self.get(name) for name in ProviderName]


@dataclass
class World:
    """Notes what it is asked to do, and fails as often as it is told to."""

    forgotten: list[tuple[str, ...]] = field(default_factory=list)
    synced: list[tuple[str, ...]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    hangs: bool = False
    at_it: asyncio.Event = field(default_factory=asyncio.Event)

    async def forget(self, provider: ProviderName, track_ids: Sequence[str]) -> None:
        self.forgotten.append(tuple(track_ids))

    async def start(self, provider: ProviderName, track_ids: Sequence[str]) -> None:
        self.at_it.set()
        if self.hangs:
            await asyncio.Event().wait()
        if self.failures:
            raise self.failures.pop(0)
        self.synced.append(tuple(track_ids))


@dataclass
class House:
    inbox: WebhookInbox
    world: World
    clock: MovingClock
    mongo: Mongo

    def signed(self, body: object, secret: str = SECRET) -> SignedBody:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        at = str(int(self.clock.now().timestamp()))
        return SignedBody(raw, sign(secret, at, raw), at)

    async def hear(self, body: object) -> bool:
        is_new = await self.inbox.receive(ARTLIST, self.signed(body))
        await self.inbox.idle()
        return is_new

    async def advance(self, by: timedelta) -> None:
        self.clock.forward(by)
        await self.inbox.advance()
        await self.inbox.idle()

    async def receipts(self) -> list[dict]:
        return await self.mongo.db["webhook_receipts"].find({}).to_list(None)


def house_of(mongo: Mongo, clock: MovingClock | None = None) -> House:
    clock, world = clock or MovingClock(), World()
    return House(WebhookInbox(Setups(), WebhookReceiptRepository(mongo), world, world, clock), world, clock, mongo)


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[House]:
    made = house_of(mongo)
    yield made
    await made.inbox.close()


UPDATED = {"event": "track.updated", "trackIds": ["1", "2", "1"]}


async def test_tracks_are_forgotten_and_synced(house: House) -> None:
    assert await house.hear({"event": "license.changed", "trackIds": ["1", "2", "1"], "more": {"ignored": True}})
    assert house.world.forgotten == house.world.synced == [("1", "2")]
    (receipt,) = await house.receipts()
    assert (receipt["state"], receipt["note"]) == ("done", None)


async def test_a_whole_catalogue(house: House) -> None:
    await house.hear({"event": "catalogue.updated"})
    assert house.world.forgotten == house.world.synced == [()]


async def test_without_a_secret_there_is_no_webhook(house: House) -> None:
    with pytest.raises(NotFound):
        await house.inbox.receive(OPENVERSE, house.signed(UPDATED))
    with pytest.raises(NotFound):
        await house.inbox.receive(OPENVERSE, house.signed(UPDATED, secret=""))


async def test_what_is_not_signed_leaves_nothing(house: House) -> None:
    for bad in (
        house.signed(UPDATED, "other"),
        replace(house.signed(UPDATED), signature=None),
        replace(house.signed(b"not json"), timestamp=None),
    ):
        with pytest.raises(Unauthorized):
            await house.inbox.receive(ARTLIST, bad)
    assert await house.receipts() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "body"),
        (b"\xff", "body"),
        (b"[]", "body"),
        ({"event": "track.exploded"}, "event"),
        ({"event": "track.updated"}, "body"),
        ({"event": "track.removed", "trackIds": []}, "body"),
        ({"event": "track.updated", "trackIds": [7]}, "trackIds.0"),
        ({"event": "track.updated", "trackIds": ["x"] * 1_001}, "trackIds"),
        ({"event": "track.updated", "trackIds": ["1"], "id": ""}, "id"),
    ],
)
async def test_bad_notices_say_what_is_wrong(house: House, body: object, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await house.inbox.receive(ARTLIST, house.signed(body))
    assert refused.value.errors[0].field == field
    assert await house.receipts() == []


async def test_a_replay_does_nothing_twice(house: House) -> None:
    signed = house.signed(UPDATED)
    heard = await asyncio.gather(*(house.inbox.receive(ARTLIST, signed) for _ in range(8)))
    await house.inbox.idle()
    assert sorted(heard) == [False] * 7 + [True]
    assert house.world.synced == [("1", "2")]


async def test_an_event_that_is_signed_anew_is_the_same_by_its_id(house: House) -> None:
    assert await house.hear({**UPDATED, "id": "e-1"})
    house.clock.forward(timedelta(seconds=1))
    assert not await house.hear({**UPDATED, "id": "e-1"})
    assert await house.hear({**UPDATED, "id": "e-2"})
    assert await house.hear(UPDATED)
    assert len(house.world.synced) == 3


async def test_what_cannot_be_synced_is_done(house: House) -> None:
    house.world.failures = [NotSupported("Openverse allows no copy of its catalogue")]
    await house.hear(UPDATED)
    (receipt,) = await house.receipts()
    assert (receipt["state"], receipt["note"]) == ("done", "Openverse allows no copy of its catalogue")


@pytest.mark.parametrize("failure", [Unavailable("away"), Conflict("a sync is running")])
async def test_what_fails_is_tried_again(house: House, failure: Exception) -> None:
    house.world.failures = [failure, failure]
    await house.hear(UPDATED)
    assert house.world.synced == []
    await house.advance(timedelta(seconds=10))
    await house.advance(timedelta(seconds=20))
    assert house.world.synced == [("1", "2")]
    assert [one["state"] for one in await house.receipts()] == ["done"]


async def test_after_a_day_it_is_given_up(house: House) -> None:
    house.world.failures = [Conflict("never")] * 1_000
    await house.hear(UPDATED)
    for _ in range(100):
        await house.advance(timedelta(minutes=30))
    (receipt,) = await house.receipts()
    assert (receipt["state"], receipt["note"]) == ("failed", "never")


async def test_what_a_process_left_is_followed_by_another(mongo: Mongo, house: House) -> None:
    dying = house_of(mongo, house.clock)
    dying.world.hangs = True
    await dying.inbox.receive(ARTLIST, dying.signed(UPDATED))
    await asyncio.wait_for(dying.world.at_it.wait(), 30)
    for task in list(dying.inbox._workers._tasks):
        task.cancel()
    await house.advance(timedelta(seconds=30))
    assert house.world.synced == [], "the other one may still be at it"
    await house.advance(timedelta(seconds=30))
    assert house.world.synced == [("1", "2")]
