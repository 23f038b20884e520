"""Every query about webhooks, downloads and experiments finds what it wants by an index."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.models.licensing.downloads import DownloadDraft, DownloadState
from app.models.licensing.experiments import ExperimentDraft, Variant
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import DownloadAddress
from app.models.licensing.usage import Use
from app.models.licensing.webhooks import (
    Delivery,
    DeliveryState,
    Notice,
    Posted,
    ReceivedKind,
    SentKind,
    Subscription,
)
from app.repositories.experiment_assignments import ExperimentAssignmentRepository
from app.repositories.experiments import ExperimentRepository
from app.repositories.mongo import Mongo
from app.repositories.track_downloads import TrackDownloadRepository
from app.repositories.webhook_deliveries import WebhookDeliveryRepository
from app.repositories.webhook_receipts import WebhookReceiptRepository
from app.repositories.webhook_subscriptions import WebhookSubscriptionRepository
from tests.integration.explained import RecordedMongo, plans_of
from tests.integration.migrating import database, service

NOW = datetime.now(UTC).replace(microsecond=0)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ARTLIST = ProviderName.ARTLIST
USE = Use("youtube", "DE")


def notice(number: int) -> Notice:
    return Notice(ARTLIST, ReceivedKind.TRACK_UPDATED, ("1",), f"e-{number}")


def delivery(number: int, subscription: str, due_in: timedelta = timedelta(0)) -> Delivery:
    at = NOW - number * SECOND
    return Delivery(
        f"{subscription}-{number}", subscription, SentKind.SYNC_FAILED, "{}", DeliveryState.QUEUED, 0, at, NOW + due_in
    )


def draft(number: int, user: str = "ada") -> DownloadDraft:
    return DownloadDraft(user, None, ARTLIST, f"t{number}", None, "project", USE)


async def fill(mongo: Mongo) -> None:
    receipts, deliveries = WebhookReceiptRepository(mongo), WebhookDeliveryRepository(mongo)
    downloads, subscriptions = TrackDownloadRepository(mongo), WebhookSubscriptionRepository(mongo)
    experiments, assignments = ExperimentRepository(mongo), ExperimentAssignmentRepository(mongo)
    for number in range(300):
        await receipts.add(notice(number), f"sha256={number}", NOW - number * SECOND)
    for name in ("s1", "s2", "s3", "s4"):
        due_in = -MINUTE if name == "s1" else MINUTE
        await deliveries.add([delivery(number, name, due_in) for number in range(200)])
    for number in range(300):
        await downloads.add(draft(number, f"user-{number % 10}"), NOW - number * SECOND)
    for number in range(40):
        made = Subscription(
            f"s{number}", "https://x.example", frozenset(list(SentKind)[: 1 + number % 3]), "", NOW, "a"
        )
        await subscriptions.add(replace(made, created_at=NOW - number * SECOND))
        variants = tuple(Variant(name, 1, (TrackRef(ARTLIST, f"{name}{number}"),)) for name in "ab")
        experiment = await experiments.add(
            ExperimentDraft("E", variants, NOW - MINUTE, None), "admin", NOW - number * SECOND
        )
        for user in range(10):
            await assignments.assign(experiment.id, f"user-{user}", "ab"[user % 2], NOW)
    await mongo.db["webhook_receipts"].update_many({"eventId": {"$gt": "e-2"}}, {"$set": {"state": "done"}})
    await mongo.db["track_downloads"].update_many({"trackId": {"$gt": "t2"}}, {"$set": {"state": "ready"}})


@pytest.fixture(scope="module")
async def filled(mongod: str) -> AsyncIterator[RecordedMongo]:
    async with database(mongod) as mongo:
        await service(mongo).up()
        await fill(mongo)
        recorded = RecordedMongo(mongod, mongo.db.name)
        yield recorded
        recorded.close()


@dataclass(frozen=True)
class Question:
    name: str
    ask: Callable[[Any], Awaitable[object]]
    of: type
    indexes: set[str]
    most_keys: int = 15


async def follow(receipts: WebhookReceiptRepository) -> None:
    assert await receipts.add(notice(1_000), "sha256=new", NOW)
    assert not await receipts.add(notice(1_000), "sha256=new", NOW)
    receipt = await receipts.take(NOW, MINUTE)
    assert receipt
    await receipts.postpone(receipt, NOW + MINUTE, "later")
    await receipts.finish(receipt, NOW, None)


async def deliver(deliveries: WebhookDeliveryRepository) -> None:
    taken = await deliveries.take(NOW, MINUTE, [])
    assert taken
    await deliveries.postpone(taken, NOW + MINUTE, Posted(500))
    await deliveries.end(taken, DeliveryState.DELIVERED, NOW, Posted(200))
    assert await deliveries.take(NOW, MINUTE, ["s9"])


async def pages_of_deliveries(deliveries: WebhookDeliveryRepository) -> None:
    first = await deliveries.page("s3", None, 5)
    assert (await deliveries.page("s3", first.next_cursor, 5)).items


async def pages_of_subscriptions(subscriptions: WebhookSubscriptionRepository) -> None:
    first = await subscriptions.page(None, 5)
    assert (await subscriptions.page(first.next_cursor, 5)).items


async def change_a_subscription(subscriptions: WebhookSubscriptionRepository) -> None:
    await subscriptions.get("s1")
    await subscriptions.reseal("s1", "", "new")
    await subscriptions.disable("s1", NOW, "gone")
    await subscriptions.remove("s1")


async def pages_of_downloads(downloads: TrackDownloadRepository) -> None:
    first = await downloads.page("user-1", None, None, 5)
    assert (await downloads.page("user-1", None, first.next_cursor, 5)).items


async def pages_of_ready_downloads(downloads: TrackDownloadRepository) -> None:
    first = await downloads.page("user-3", DownloadState.READY, None, 5)
    assert (await downloads.page("user-3", DownloadState.READY, first.next_cursor, 5)).items


async def download(downloads: TrackDownloadRepository) -> None:
    added = await downloads.add(draft(5_000), NOW - MINUTE)
    assert added
    assert await downloads.find_same(added.draft) == added
    assert await downloads.add(draft(5_000), NOW) is None
    taken = await downloads.take(NOW + MINUTE, MINUTE, [ProviderName.JAMENDO])
    assert taken
    await downloads.postpone(taken, NOW, 1, "later")
    await downloads.ready(taken, DownloadAddress("https://x.example", "mp3"), NOW)
    await downloads.queue_again(taken, NOW)
    await downloads.cancel("ada", taken.id, NOW)
    await downloads.get(taken.draft.user_id, taken.id)
    await downloads.discard(taken)


async def pages_of_experiments(experiments: ExperimentRepository) -> None:
    first = await experiments.page(None, 5)
    assert (await experiments.page(first.next_cursor, 5)).items
    assert await experiments.get(first.items[0].id)


async def running(experiments: ExperimentRepository) -> None:
    assert len(await experiments.running_with(TrackRef(ARTLIST, "a7"), NOW)) == 1


async def an_experiment(assignments: ExperimentAssignmentRepository) -> str:
    stored = await assignments._assignments.database["experiments"].find_one({}, {"_id": 1})
    return stored["_id"]


async def assign(assignments: ExperimentAssignmentRepository) -> None:
    experiment = await an_experiment(assignments)
    await assignments.find(experiment, "user-1")
    await assignments.assign(experiment, "new", "a", NOW)
    await assignments.assign(experiment, "new", "b", NOW)
    assert await assignments.convert(experiment, "new", ["a", "b"], NOW)


async def count(assignments: ExperimentAssignmentRepository) -> None:
    assert len(await assignments.counts(await an_experiment(assignments))) == 2


RECEIPTS, DELIVERIES, SUBSCRIPTIONS = (
    WebhookReceiptRepository,
    WebhookDeliveryRepository,
    WebhookSubscriptionRepository,
)
DOWNLOADS, EXPERIMENTS, ASSIGNMENTS = (
    TrackDownloadRepository,
    ExperimentRepository,
    ExperimentAssignmentRepository,
)

QUESTIONS = [
    Question("follow a notice", follow, RECEIPTS, {"due", "_id_"}),
    Question("deliver", deliver, DELIVERIES, {"due", "_id_"}),
    Question("due deliveries", lambda rows: rows.count_due(NOW - 3 * MINUTE), DELIVERIES, {"due"}, 5),
    Question("deliveries", pages_of_deliveries, DELIVERIES, {"subscription_latest"}),
    Question("abandon", lambda rows: rows.abandon("s2", NOW, "gone"), DELIVERIES, {"subscription_queued"}, 210),
    Question("subscriptions", pages_of_subscriptions, SUBSCRIPTIONS, {"latest"}),
    Question("to be told", lambda rows: rows.to_be_told(SentKind.LICENSE_CHANGED), SUBSCRIPTIONS, {"to_be_told"}, 20),
    Question("a subscription", change_a_subscription, SUBSCRIPTIONS, {"_id_"}, 1),
    Question("own downloads", pages_of_downloads, DOWNLOADS, {"user_latest"}, 30),
    Question("own ready downloads", pages_of_ready_downloads, DOWNLOADS, {"user_state_latest"}),
    Question("download", download, DOWNLOADS, {"due", "same_unique", "_id_"}),
    Question("queued of a user", lambda rows: rows.count_queued("user-1"), DOWNLOADS, {"user_state_latest"}, 40),
    Question("experiments", pages_of_experiments, EXPERIMENTS, {"latest", "_id_"}),
    Question("running experiments", running, EXPERIMENTS, {"track_running"}, 3),
    Question("assign", assign, ASSIGNMENTS, {"experiment_user_unique"}, 2),
    Question("count", count, ASSIGNMENTS, {"experiment_counts"}, 15),
]


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
async def test_no_query_scans_a_collection(filled: RecordedMongo, question: Question) -> None:
    filled.recorder.commands.clear()
    await question.ask(question.of(filled))
    plans = [plan for plan in await plans_of(filled) if plan.command.get("filter") != {} or "sort" in plan.command]
    assert plans
    for plan in plans:
        assert "COLLSCAN" not in plan.stages, plan
        assert "SORT" not in plan.stages, plan
        assert plan.indexes <= question.indexes, plan
        assert plan.indexes or {"IDHACK", "EOF"} & set(plan.stages), plan
        assert plan.keys_examined <= question.most_keys, plan
        assert plan.documents_examined <= question.most_keys, plan
