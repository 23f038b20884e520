"""Subscriptions to our webhooks, and deliveries, as they are sent and shown."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field

from app.models.licensing.webhooks import Delivery, DeliveryState, SentKind, Subscription, SubscriptionDraft
from app.models.pages import Page
from app.models.wire.base import CamelModel, Moment

# Spelled out, so that what the pattern lets through can be called: a name or an IPv4 address, a port, a path, a query.
_PORT = r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
_ADDRESS = (
    rf"^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:{_PORT})?"
    r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?$"
)

Url = Annotated[
    str,
    Field(
        max_length=2_048,
        pattern=_ADDRESS,
        description="Where events are sent; without a user name, a password and a fragment.",
        examples=["https://hooks.example.com/playledger"],
    ),
]

# What an HTTP header could not carry is of no use as a key either: people paste it into settings.
Secret = Annotated[str, Field(min_length=16, max_length=256, pattern=r"^[\x21-\x7e]+$")]


class NewSubscription(CamelModel):
    """Who wants to be told of what; a secret is made when none is sent."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    events: Annotated[list[Annotated[SentKind, Field(strict=False)]], Field(min_length=1, max_length=20)]
    secret: Secret | None = None

    def to_draft(self) -> SubscriptionDraft:
        """As the service takes it."""
        return SubscriptionDraft(self.url, frozenset(self.events), self.secret)


class SubscriptionShown(CamelModel):
    """Who is told of what; its secret is not shown again."""

    id: str
    url: str
    events: list[SentKind]
    active: bool
    created_at: Moment
    created_by: str
    disabled_at: Moment | None
    disabled_reason: str | None

    @classmethod
    def of(cls, subscription: Subscription, **more: str) -> Self:
        """Show a subscription."""
        return cls(
            id=subscription.id,
            url=subscription.url,
            events=sorted(subscription.events),
            active=subscription.disabled_at is None,
            created_at=subscription.created_at,
            created_by=subscription.created_by,
            disabled_at=subscription.disabled_at,
            disabled_reason=subscription.disabled_reason,
            **more,
        )


class SubscriptionMade(SubscriptionShown):
    """A new subscription with its secret, for the only time."""

    secret: str = Field(description="Signs every delivery; it is shown now and never again.")


class SubscriptionList(CamelModel):
    """One page of subscriptions; `nextCursor` is null on the last one."""

    items: list[SubscriptionShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Subscription]) -> Self:
        """Show a page."""
        return cls(items=[SubscriptionShown.of(one) for one in page.items], next_cursor=page.next_cursor)


class SubscriptionRemoved(CamelModel):
    """It is told nothing any more."""

    id: str


class DeliveryShown(CamelModel):
    """One event for one subscription; nothing of what the receiver answered but its status."""

    id: str
    event: SentKind
    status: DeliveryState
    attempts: int
    created_at: Moment
    next_attempt_at: Moment | None
    ended_at: Moment | None
    last_status: int | None
    last_error: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Show a delivery."""
        return cls(
            id=delivery.id,
            event=delivery.kind,
            status=delivery.state,
            attempts=delivery.attempts,
            created_at=delivery.created_at,
            next_attempt_at=delivery.due_at if delivery.state is DeliveryState.QUEUED else None,
            ended_at=delivery.ended_at,
            last_status=delivery.last_status,
            last_error=delivery.last_error,
        )


class DeliveryList(CamelModel):
    """One page of deliveries; `nextCursor` is null on the last one."""

    items: list[DeliveryShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Delivery]) -> Self:
        """Show a page."""
        return cls(items=[DeliveryShown.of(one) for one in page.items], next_cursor=page.next_cursor)
