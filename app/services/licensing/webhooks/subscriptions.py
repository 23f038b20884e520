"""Who is told of what: subscriptions, and what became of their deliveries."""

import secrets
from datetime import datetime
from uuid import uuid4

from app.clock import Clock
from app.errors import Conflict, FieldError, Invalid
from app.models.licensing.webhooks import Delivery, Subscription, SubscriptionDraft, secret_label
from app.models.pages import Page
from app.services.licensing.access.public_addresses import address_fault
from app.services.licensing.webhooks.ports import Deliveries, Subscriptions, Vault

MOST_SUBSCRIPTIONS = 100

_SECRET_BYTES = 32


class WebhookSubscriptionService:
    """Keeps subscriptions; secrets lie encrypted, and are shown when they are made and never again."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        deliveries: Deliveries,
        vault: Vault,
        clock: Clock,
        *,
        private_allowed: bool,
    ) -> None:
        """Without `private_allowed` only addresses of the public internet are taken."""
        self._subscriptions = subscriptions
        self._deliveries = deliveries
        self._vault = vault
        self._clock = clock
        self._private_allowed = private_allowed

    async def add(self, draft: SubscriptionDraft, user_id: str) -> tuple[Subscription, str]:
        """Add a subscription; returns it with its secret in the clear.

        Raises:
            Invalid: the address may not be called.
            Conflict: there are as many as there may be, or there is no key to encrypt the secret with.
            Unavailable: the database is away.
        """
        self._check(draft.url)
        if await self._subscriptions.count() >= MOST_SUBSCRIPTIONS:
            raise Conflict(f"There are {MOST_SUBSCRIPTIONS} subscriptions already; remove one first")
        secret = draft.secret or secrets.token_urlsafe(_SECRET_BYTES)
        made = self._make(draft, secret, user_id, self._clock.now())
        await self._subscriptions.add(made)
        return made, secret

    async def get(self, subscription_id: str) -> Subscription:
        """The subscription of this id.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        return await self._subscriptions.get(subscription_id)

    async def page(self, cursor: str | None, limit: int) -> Page[Subscription]:
        """All, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._subscriptions.page(cursor, limit)

    async def remove(self, subscription_id: str) -> None:
        """Tell it nothing any more; what waits for it is given up.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        await self._subscriptions.remove(subscription_id)
        await self._deliveries.abandon(subscription_id, self._clock.now(), "the subscription was removed")

    async def deliveries(self, subscription_id: str, cursor: str | None, limit: int) -> Page[Delivery]:
        """What a subscription was told in the last month, and what it is yet to be told, the newest first.

        Raises:
            NotFound: there is no such subscription.
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        subscription = await self._subscriptions.get(subscription_id)
        return await self._deliveries.page(subscription.id, cursor, limit)

    async def reseal(self) -> int:
        """Seal all secrets with the newest key; returns how many were not. Then older keys are needed no more.

        Raises:
            Unavailable: the database is away.
        """
        resealed = 0
        for one in await self._subscriptions.all():
            label, old = one.secret_label, one.sealed_secret
            secret = None if self._vault.is_newest(old) else self._vault.open(label, old)
            if secret is not None:
                resealed += await self._subscriptions.reseal(one.id, old, self._vault.seal(label, secret))
        return resealed

    def _check(self, url: str) -> None:
        fault = address_fault(url, private_allowed=self._private_allowed, plain=False)
        if fault is not None:
            raise Invalid("The request is not valid", [FieldError("url", fault)])

    def _make(self, draft: SubscriptionDraft, secret: str, user_id: str, at: datetime) -> Subscription:
        made_id = uuid4().hex
        return Subscription(
            id=made_id,
            url=draft.url,
            events=draft.events,
            sealed_secret=self._vault.seal(secret_label(made_id), secret),
            created_at=at,
            created_by=user_id,
        )
