"""Sends deliveries to their receivers, again and again for a day, from whichever process takes them."""

from collections import Counter
from datetime import timedelta

import structlog

from app.clock import Clock
from app.errors import NotFound, Unavailable
from app.metrics import WEBHOOK_DELIVERIES
from app.models.jobs import Summary
from app.models.licensing.webhooks import Delivery, DeliveryState, Posted, Subscription
from app.services.licensing.queue_workers import QueueWorkers
from app.services.licensing.retries import Retries
from app.services.licensing.webhooks.ports import Deliveries, Receivers, Subscriptions, Vault
from app.services.licensing.webhooks.signatures import sign

log = structlog.get_logger(__name__)

GONE = 410

# An attempt ends within ten seconds; whoever holds a delivery for longer than this is gone.
LEASE = timedelta(minutes=1)
_RETRIES = Retries(base=timedelta(seconds=10), cap=timedelta(hours=1), give_up_after=timedelta(days=1))
_AT_ONCE = 8
# So that one receiver that does not answer never has all the workers.
_AT_ONCE_FOR_ONE = 2


class WebhookDispatcher:
    """Takes what is due, signs it with the time of the attempt, sends it, and writes down what came of it."""

    def __init__(
        self, subscriptions: Subscriptions, deliveries: Deliveries, receivers: Receivers, vault: Vault, clock: Clock
    ) -> None:
        self._subscriptions = subscriptions
        self._deliveries = deliveries
        self._receivers = receivers
        self._vault = vault
        self._clock = clock
        self._in_hand: Counter[str] = Counter()
        self._workers: QueueWorkers[Delivery] = QueueWorkers("webhook-deliveries", self._take, self._deliver, _AT_ONCE)

    def kick(self) -> None:
        """Something may be due; needs a running loop."""
        self._workers.kick()

    async def advance(self) -> Summary:
        """Go on, in the background, with what is due, also with what a process left that is gone.

        Raises:
            Unavailable: the database is away.
        """
        due = await self._deliveries.count_due(self._clock.now())
        self.kick()
        return {"due": due}

    async def idle(self) -> None:
        """Wait until nothing is due here."""
        await self._workers.idle()

    async def close(self) -> None:
        """Stop; what is not delivered is kept."""
        await self._workers.close()

    async def _take(self) -> Delivery | None:
        busy = [one for one, count in self._in_hand.items() if count >= _AT_ONCE_FOR_ONE]
        delivery = await self._deliveries.take(self._clock.now(), LEASE, busy)
        if delivery is not None:
            self._in_hand[delivery.subscription_id] += 1
        return delivery

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            await self._attempt(delivery)
        except Unavailable:
            raise
        except Exception:
            log.exception("webhook_not_sent", delivery=delivery.id)
            await self._try_later(delivery, Posted(None, "it could not be sent"))
        finally:
            self._in_hand[delivery.subscription_id] -= 1
            self._in_hand += Counter()  # forgets those that are at zero
            self.kick()  # what was passed over because of this one may be taken now

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            subscription = await self._subscriptions.get(delivery.subscription_id)
        except NotFound:
            return await self._fail(delivery, Posted(None, "the subscription was removed"))
        if subscription.disabled_at is not None:
            return await self._fail(delivery, Posted(None, "the subscription is disabled"))
        posted = await self._post(delivery, subscription)
        if posted.is_taken:
            return await self._end(delivery, DeliveryState.DELIVERED, posted)
        if posted.status == GONE:
            return await self._disable(delivery, posted)
        return await self._try_later(delivery, posted)

    async def _post(self, delivery: Delivery, subscription: Subscription) -> Posted:
        secret = self._vault.open(subscription.secret_label, subscription.sealed_secret)
        if secret is None:
            return Posted(None, "the secret cannot be decrypted")
        body = delivery.body.encode()
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Playledger-Event": delivery.kind.value,
            "X-Playledger-Delivery": delivery.id,
            "X-Playledger-Timestamp": timestamp,
            "X-Playledger-Signature": sign(secret, timestamp, body),
        }
        return await self._receivers.post(subscription.url, headers, body)

    async def _disable(self, delivery: Delivery, posted: Posted) -> None:
        now, reason = self._clock.now(), "the receiver answered 410 Gone"
        log.warning("webhook_disabled", subscription=delivery.subscription_id)
        await self._subscriptions.disable(delivery.subscription_id, now, reason)
        await self._fail(delivery, posted)
        await self._deliveries.abandon(delivery.subscription_id, now, reason)

    async def _try_later(self, delivery: Delivery, posted: Posted) -> None:
        due_at = _RETRIES.next_at(delivery.attempts, delivery.created_at, self._clock.now())
        if due_at is None:
            log.warning("webhook_given_up", delivery=delivery.id, subscription=delivery.subscription_id)
            return await self._fail(delivery, posted)
        WEBHOOK_DELIVERIES.labels("retried").inc()
        return await self._deliveries.postpone(delivery, due_at, posted)

    async def _fail(self, delivery: Delivery, posted: Posted) -> None:
        await self._end(delivery, DeliveryState.FAILED, posted)

    async def _end(self, delivery: Delivery, state: DeliveryState, posted: Posted) -> None:
        WEBHOOK_DELIVERIES.labels(state.value).inc()
        await self._deliveries.end(delivery, state, self._clock.now(), posted)
