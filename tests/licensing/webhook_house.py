"""Our webhooks over the database of the tests: one process, with a clock of its own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.fernet import Fernet

from app.clock import to_stored_precision
from app.models.licensing.webhooks import Delivery, SentKind, Subscription, SubscriptionDraft
from app.repositories.mongo import Mongo
from app.repositories.webhook_deliveries import WebhookDeliveryRepository
from app.repositories.webhook_subscriptions import WebhookSubscriptionRepository
from app.services.licensing.access.credentials import CredentialVault
from app.services.licensing.webhooks.dispatcher import WebhookDispatcher
from app.services.licensing.webhooks.events import WebhookEvents
from app.services.licensing.webhooks.http import HttpReceivers
from app.services.licensing.webhooks.ports import Receivers
from app.services.licensing.webhooks.subscriptions import WebhookSubscriptionService

KEY = Fernet.generate_key().decode()


class MovingClock:
    """Stands still until it is moved; begins now, as rows that ended long ago are removed by the database."""

    def __init__(self, start: datetime | None = None) -> None:
        self.time = to_stored_precision(start or datetime.now(UTC))

    def now(self) -> datetime:
        return self.time

    def forward(self, by: timedelta) -> None:
        self.time += by


@dataclass
class WebhookHouse:
    clock: MovingClock
    subscriptions: WebhookSubscriptionService
    dispatcher: WebhookDispatcher
    events: WebhookEvents
    receivers: Receivers

    async def subscribe(self, url: str, *kinds: SentKind) -> tuple[Subscription, str]:
        draft = SubscriptionDraft(url, frozenset(kinds or SentKind))
        return await self.subscriptions.add(draft, "admin-1")

    async def deliveries(self, of: Subscription) -> tuple[Delivery, ...]:
        return (await self.subscriptions.deliveries(of.id, None, 100)).items

    async def until_idle(self) -> None:
        self.dispatcher.kick()
        await self.dispatcher.idle()

    async def close(self) -> None:
        await self.dispatcher.close()
        if isinstance(self.receivers, HttpReceivers):
            await self.receivers.close()


def webhook_house(
    mongo: Mongo,
    clock: MovingClock | None = None,
    receivers: Receivers | None = None,
    *,
    seconds: float = 10,
    key: str = KEY,
) -> WebhookHouse:
    clock = clock or MovingClock()
    subscriptions, deliveries = WebhookSubscriptionRepository(mongo), WebhookDeliveryRepository(mongo)
    vault = CredentialVault(lambda: [key])
    receivers = receivers or HttpReceivers(private_allowed=True, seconds=seconds)
    dispatcher = WebhookDispatcher(subscriptions, deliveries, receivers, vault, clock)
    return WebhookHouse(
        clock=clock,
        subscriptions=WebhookSubscriptionService(subscriptions, deliveries, vault, clock, private_allowed=True),
        dispatcher=dispatcher,
        events=WebhookEvents(subscriptions, deliveries, dispatcher, clock),
        receivers=receivers,
    )
