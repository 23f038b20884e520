"""`/api/music-licensing/webhook-subscriptions`: who is told by us of what."""

from typing import Annotated

from fastapi import Depends, Path

from app.models.wire.music_webhook_subscriptions import (
    DeliveryList,
    NewSubscription,
    SubscriptionList,
    SubscriptionMade,
    SubscriptionRemoved,
    SubscriptionShown,
)
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import AdminCaller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import WebhookSubscriptions
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing/webhook-subscriptions", tags=["Music licensing"])

SubscriptionId = Annotated[str, Path(alias="subscriptionId", description="The subscription's id.")]

_new_subscription = JsonBody(NewSubscription)


@router.post(
    "",
    status_code=201,
    summary="Subscribe to events",
    responses=errors(400, 401, 403, 409, 413),
    openapi_extra=_new_subscription.documentation,
)
async def subscribe(
    admin: AdminCaller,
    subscription: Annotated[NewSubscription, Depends(_new_subscription)],
    subscriptions: WebhookSubscriptions,
) -> SubscriptionMade:
    """Have events posted to an address, each at least once, in no promised order.

    A delivery carries `X-Playledger-Delivery` (the same id at every attempt), `X-Playledger-Timestamp` (seconds since
    1970) and `X-Playledger-Signature`: `sha256=` and the HMAC-SHA256, in hex, of the timestamp, a dot and the body,
    with `secret` as the key. Anything but 2xx is tried again for a day; 410 ends the subscription; redirects are not
    followed.
    """
    made, secret = await subscriptions.add(subscription.to_draft(), admin.user_id)
    return SubscriptionMade.of(made, secret=secret)


@router.get("", summary="List subscriptions", responses=errors(400, 401, 403))
async def list_subscriptions(
    _admin: AdminCaller, subscriptions: WebhookSubscriptions, limit: Limit = 20, cursor: Cursor = None
) -> SubscriptionList:
    """Subscriptions in pages, the newest first, the ended ones too."""
    return SubscriptionList.of(await subscriptions.page(cursor, limit))


@router.get("/{subscriptionId}", summary="Show a subscription", responses=errors(401, 403, 404))
async def show_subscription(
    subscription_id: SubscriptionId, _admin: AdminCaller, subscriptions: WebhookSubscriptions
) -> SubscriptionShown:
    """One subscription, without its secret."""
    return SubscriptionShown.of(await subscriptions.get(subscription_id))


@router.delete("/{subscriptionId}", summary="Unsubscribe", responses=errors(401, 403, 404))
async def unsubscribe(
    subscription_id: SubscriptionId, _admin: AdminCaller, subscriptions: WebhookSubscriptions
) -> SubscriptionRemoved:
    """Remove a subscription; what it was not told yet, it is not told any more."""
    await subscriptions.remove(subscription_id)
    return SubscriptionRemoved(id=subscription_id)


@router.get("/{subscriptionId}/deliveries", summary="List deliveries", responses=errors(400, 401, 403, 404))
async def list_deliveries(
    subscription_id: SubscriptionId,
    _admin: AdminCaller,
    subscriptions: WebhookSubscriptions,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> DeliveryList:
    """What a subscription was told in the last month, and what it is yet to be told, the newest first."""
    return DeliveryList.of(await subscriptions.deliveries(subscription_id, cursor, limit))
