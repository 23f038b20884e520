"""Telling subscribers over real sockets: signed, at least once, whatever they answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from app.models.licensing.webhooks import Delivery, DeliveryState, Posted, SentKind, Subscription
from app.repositories.mongo import Mongo
from app.services.licensing.webhooks.dispatcher import LEASE
from app.services.licensing.webhooks.http import HttpReceivers
from tests.licensing.receiver import HANGS, Receiver, answer, receiving
from tests.licensing.webhook_house import WebhookHouse, webhook_house
from tests.waiting import eventually

EXPIRING = SentKind.LICENSE_EXPIRING
DAY = timedelta(days=1)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


@pytest.fixture
async def house(mongo: Mongo) -> AsyncIterator[WebhookHouse]:
    made = webhook_house(mongo)
    yield made
    await made.close()


async def tell(house: WebhookHouse, **payload: object) -> None:
    await house.events.publish("license.expiring", payload or {"provider": "artlist"})
    await house.dispatcher.idle()


async def only(house: WebhookHouse, of: Subscription) -> Delivery:
    (delivery,) = await house.deliveries(of)
    return delivery


async def test_an_event_is_told_signed_to_those_who_want_it(house: WebhookHouse, receiver: Receiver) -> None:
    wanted, secret = await house.subscribe(receiver.url("/wants"), EXPIRING)
    other, _ = await house.subscribe(receiver.url("/other"), SentKind.SYNC_FAILED)
    await tell(house, provider="artlist", expiresAt=house.clock.now())
    (heard,) = receiver.heard
    heard.require_signed(secret, house.clock.now())
    assert (heard.path, heard.headers["content-type"]) == ("/wants", "application/json")
    assert heard.headers["x-playledger-event"] == "license.expiring"
    told = json.loads(heard.body)
    assert (told["event"], told["data"]["provider"]) == ("license.expiring", "artlist")
    assert told["occurredAt"] == told["data"]["expiresAt"]
    delivery = await only(house, wanted)
    assert (delivery.state, delivery.attempts, delivery.last_status) == (DeliveryState.DELIVERED, 1, 200)
    assert delivery.id == heard.delivery
    assert await house.deliveries(other) == ()


async def test_an_unknown_event_is_a_fault_of_ours(house: WebhookHouse) -> None:
    with pytest.raises(ValueError, match="not a valid"):
        await house.events.publish("license.lost", {})


async def test_the_same_key_is_told_once(house: WebhookHouse, receiver: Receiver) -> None:
    await house.subscribe(receiver.url())
    for _ in range(3):
        await house.events.publish("sync.failed", {"jobId": "1"}, key="sync-1")
    await house.events.publish("sync.completed", {"jobId": "1"}, key="sync-1")
    await house.dispatcher.idle()
    assert sorted(json.loads(one.body)["event"] for one in receiver.heard) == ["sync.completed", "sync.failed"]


async def test_after_a_500_the_same_delivery_is_sent_again(house: WebhookHouse, receiver: Receiver) -> None:
    receiver.answers["/hook"] = [answer(500, b"<html>secret stack trace</html>"), answer(200)]
    subscription, secret = await house.subscribe(receiver.url())
    await tell(house)
    waiting = await only(house, subscription)
    assert (waiting.state, waiting.last_status, waiting.last_error) == (DeliveryState.QUEUED, 500, "answered 500")
    await house.until_idle()
    assert len(receiver.heard) == 1, "it is not due yet"
    house.clock.forward(timedelta(seconds=10))
    await house.until_idle()
    first, second = receiver.heard
    assert (first.delivery, first.body) == (second.delivery, second.body)
    assert first.headers["x-playledger-timestamp"] != second.headers["x-playledger-timestamp"]
    second.require_signed(secret, house.clock.now())
    assert (await only(house, subscription)).state is DeliveryState.DELIVERED


@pytest.mark.parametrize(
    ("reply", "status", "error"),
    [
        (answer(302, Location="http://127.0.0.1:1/elsewhere"), 302, "redirects are not followed"),
        (answer(404), 404, "answered 404"),
        (HANGS, None, "no answer in time"),
        (b"nonsense\r\n\r\n", None, "the connection broke off, or what came back is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000, None, "the connection broke off, or what came back is not HTTP"),
    ],
    ids=["redirect", "404", "hangs", "nonsense", "huge header"],
)
async def test_what_is_not_taken_is_tried_again(
    house: WebhookHouse, receiver: Receiver, reply: bytes, status: int | None, error: str
) -> None:
    receiver.answers["/hook"] = [reply]
    subscription, _ = await house.subscribe(receiver.url())
    house.receivers._connected()  # by which an attempt may take as long as ever, once this one is over
    with pytest.MonkeyPatch.context() as patches:
        if reply == HANGS:
            patches.setattr(house.receivers, "_seconds", 0.3)
        await tell(house)
    waiting = await only(house, subscription)
    assert (waiting.state, waiting.last_status, waiting.last_error) == (DeliveryState.QUEUED, status, error)
    receiver.answers["/hook"] = [answer(204, b"")]
    house.clock.forward(timedelta(seconds=10))
    await house.until_idle()
    assert (await only(house, subscription)).state is DeliveryState.DELIVERED
    assert {one.path for one in receiver.heard} == {"/hook"}


async def test_nobody_there(house: WebhookHouse, receiver: Receiver) -> None:
    subscription, _ = await house.subscribe("http://127.0.0.1:1/hook")
    await tell(house)
    assert (await only(house, subscription)).last_error == "no connection"


async def test_a_huge_answer_is_not_read(house: WebhookHouse, receiver: Receiver) -> None:
    receiver.answers["/hook"] = [answer(200, b"x" * 50_000_000)]
    subscription, _ = await house.subscribe(receiver.url())
    await tell(house)
    assert (await only(house, subscription)).state is DeliveryState.DELIVERED
    assert receiver.sent_bytes < 20_000_000


async def test_an_answer_that_drips_is_not_waited_for(
    house: WebhookHouse, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.licensing.webhooks.http._ANSWER_SECONDS", 0.1)
    receiver.answers["/hook"] = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx"]
    subscription, _ = await house.subscribe(receiver.url())
    await tell(house)
    # An attempt that had waited for the rest would have ended without an answer.
    assert (await only(house, subscription)).state is DeliveryState.DELIVERED


async def test_gone_ends_the_subscription_and_all_that_waits(house: WebhookHouse, receiver: Receiver) -> None:
    receiver.answers["/hook"] = [answer(500), answer(410), answer(200)]
    subscription, _ = await house.subscribe(receiver.url())
    await tell(house, number=1)
    await tell(house, number=2)
    assert len(receiver.heard) == 2
    assert {one.state for one in await house.deliveries(subscription)} == {DeliveryState.FAILED}
    ended = await house.subscriptions.get(subscription.id)
    assert ended.disabled_reason == "the receiver answered 410 Gone"
    await tell(house, number=3)
    house.clock.forward(DAY)
    await house.until_idle()
    assert len(receiver.heard) == 2
    assert len(await house.deliveries(subscription)) == 2


async def test_after_a_day_it_has_failed(house: WebhookHouse, receiver: Receiver) -> None:
    receiver.answers["/hook"] = [answer(503)]
    subscription, _ = await house.subscribe(receiver.url())
    await tell(house)
    made_at = house.clock.now()
    while (delivery := await only(house, subscription)).state is DeliveryState.QUEUED:
        house.clock.time = delivery.due_at
        await house.until_idle()
    assert delivery.state is DeliveryState.FAILED
    assert timedelta(hours=23) <= house.clock.now() - made_at <= DAY
    # 10 s, 20 s, … 1 h, less up to half of each: about 30 in a day.
    assert 25 < delivery.attempts < 60
    assert delivery.attempts == len(receiver.heard)
    assert len({one.delivery for one in receiver.heard}) == 1


async def test_a_removed_subscription_is_told_nothing(house: WebhookHouse, receiver: Receiver) -> None:
    receiver.answers["/hook"] = [answer(500)]
    subscription, _ = await house.subscribe(receiver.url())
    await tell(house)
    await house.subscriptions.remove(subscription.id)
    house.clock.forward(timedelta(minutes=1))
    await house.until_idle()
    assert len(receiver.heard) == 1


async def test_one_who_does_not_answer_keeps_nobody_waiting(house: WebhookHouse, receiver: Receiver) -> None:
    receiver.answers["/slow"] = [HANGS]
    house.receivers._seconds = 60
    await house.subscribe(receiver.url("/slow"), EXPIRING)
    quick, _ = await house.subscribe(receiver.url("/quick"), SentKind.SYNC_FAILED)
    for number in range(12):
        await house.events.publish("license.expiring", {"number": number})
    await house.events.publish("sync.failed", {})
    # Sooner than the slow one is given up.
    await eventually(lambda: any(one.path == "/quick" for one in receiver.heard), 30)
    assert (await house.deliveries(quick))[0].attempts == 1


async def test_many_processes_send_each_delivery_once(mongo: Mongo, receiver: Receiver, house: WebhookHouse) -> None:
    subscription, _ = await house.subscribe(receiver.url())
    others = [webhook_house(mongo, house.clock) for _ in range(3)]
    for number in range(40):
        await house.events.publish("sync.completed", {"number": number})
        others[number % 3].dispatcher.kick()
    for one in (house, *others):
        await one.dispatcher.idle()
        await one.close()
    assert len(receiver.heard) == len({one.delivery for one in receiver.heard}) == 40
    assert {one.state for one in await house.deliveries(subscription)} == {DeliveryState.DELIVERED}


class Dies:
    """A process that is killed just before, or just after, it has sent."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def post(self, url: str, headers: object, body: bytes) -> Posted:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_what_a_process_left_in_hand_is_sent_by_another(
    mongo: Mongo, receiver: Receiver, house: WebhookHouse
) -> None:
    subscription, _ = await house.subscribe(receiver.url())
    dying = webhook_house(mongo, house.clock, Dies())
    await dying.events.publish("sync.completed", {})
    await asyncio.wait_for(dying.receivers.asked.wait(), 30)
    for task in list(dying.dispatcher._workers._tasks):
        task.cancel()
    await house.until_idle()
    assert receiver.heard == [], "the other one may still be at it"
    taken = await only(house, subscription)
    house.clock.forward(LEASE)
    await house.until_idle()
    assert [one.delivery for one in receiver.heard] == [taken.id]
    assert (await only(house, subscription)).attempts == 2


async def test_who_comes_too_late_changes_nothing(mongo: Mongo, receiver: Receiver, house: WebhookHouse) -> None:
    subscription, _ = await house.subscribe(receiver.url())
    slow = webhook_house(mongo, house.clock, Dies())
    await slow.events.publish("sync.completed", {})
    await asyncio.wait_for(slow.receivers.asked.wait(), 30)
    late = await only(house, subscription)
    house.clock.forward(LEASE)
    await house.until_idle()
    await slow.dispatcher._try_later(late, Posted(500, "late"))
    assert (await only(house, subscription)).state is DeliveryState.DELIVERED
    for task in list(slow.dispatcher._workers._tasks):
        task.cancel()


async def test_a_secret_that_does_not_open_waits_for_its_key(mongo: Mongo, receiver: Receiver) -> None:
    house = webhook_house(mongo)
    subscription, _ = await house.subscribe(receiver.url())
    stranger = webhook_house(mongo, house.clock, key="x" * 43 + "=")
    await stranger.events.publish("sync.completed", {})
    await stranger.dispatcher.idle()
    assert (await only(house, subscription)).last_error == "the secret cannot be decrypted"
    house.clock.forward(timedelta(seconds=10))
    await house.until_idle()
    assert len(receiver.heard) == 1
    await house.close()
    await stranger.close()


async def test_secrets_do_not_lie_in_the_database(mongo: Mongo, house: WebhookHouse, receiver: Receiver) -> None:
    _, secret = await house.subscribe(receiver.url())
    await tell(house)
    for name in await mongo.db.list_collection_names():
        assert secret not in str(await mongo.db[name].find({}).to_list(None))


async def test_private_addresses_are_not_connected_to(receiver: Receiver) -> None:
    async def private(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    guarded = HttpReceivers(private_allowed=False, resolve=private, seconds=10)
    assert (await guarded.post(receiver.url(), {}, b"{}")).error == "the address must be https"
    literal = await guarded.post(f"https://127.0.0.1:{receiver.port}/", {}, b"{}")
    assert literal.error == "the address must not be a private address"
    named = await guarded.post(f"https://hooks.example.com:{receiver.port}/", {}, b"{}")
    assert named.error == "the address leads to a private one"
    assert receiver.heard == []
    await guarded.close()
