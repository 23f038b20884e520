"""Tells events to whoever has subscribed: written down first, sent by the dispatcher."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from uuid import uuid4

from app.clock import Clock, iso
from app.models.licensing.webhooks import Delivery, DeliveryState, SentKind
from app.models.privacy import Plain
from app.services.licensing.webhooks.dispatcher import WebhookDispatcher
from app.services.licensing.webhooks.ports import Deliveries, Subscriptions


class WebhookEvents:
    """Publishes events: each at least once to each subscriber, in no promised order."""

    def __init__(
        self, subscriptions: Subscriptions, deliveries: Deliveries, dispatcher: WebhookDispatcher, clock: Clock
    ) -> None:
        self._subscriptions = subscriptions
        self._deliveries = deliveries
        self._dispatcher = dispatcher
        self._clock = clock

    async def publish(self, kind: str, payload: Mapping[str, Plain], key: str | None = None) -> None:
        """Have an event told; when this returns, it will be, whatever happens to this process.

        `kind` is one of `SentKind`. With a `key` the same event may be published again, and is told once.

        Raises:
            ValueError: there is no such kind.
            Unavailable: the database is away; it can be published again, with the same key.
        """
        sent_kind = SentKind(kind)
        subscribers = await self._subscriptions.to_be_told(sent_kind)
        if not subscribers:
            return
        event_id, now = _event_id(sent_kind, key), self._clock.now()
        body = _body(event_id, sent_kind, payload, now)
        await self._deliveries.add([_delivery(one, event_id, sent_kind, body, now) for one in subscribers])
        self._dispatcher.kick()


def _event_id(kind: SentKind, key: str | None) -> str:
    return uuid4().hex if key is None else _short_hash(f"{kind.value}\0{key}")


def _body(event_id: str, kind: SentKind, payload: Mapping[str, Plain], at: datetime) -> str:
    event = {"id": event_id, "event": kind.value, "occurredAt": iso(at), "data": payload}
    return json.dumps(event, default=_to_json, separators=(",", ":"))


def _to_json(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be told")


def _delivery(subscription_id: str, event_id: str, kind: SentKind, body: str, at: datetime) -> Delivery:
    return Delivery(
        id=_short_hash(f"{subscription_id}\0{event_id}"),
        subscription_id=subscription_id,
        kind=kind,
        body=body,
        state=DeliveryState.QUEUED,
        attempts=0,
        created_at=at,
        due_at=at,
    )


def _short_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
