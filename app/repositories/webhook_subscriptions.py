"""The collection `webhook_subscriptions`: who is told of what."""

from collections.abc import Sequence
from datetime import datetime

from app.errors import NotFound
from app.models.licensing.webhooks import SentKind, Subscription
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.mongo import Document, Mongo, driver_errors

_ORDER = "createdAt"


class WebhookSubscriptionRepository:
    """Keeps subscriptions; their secrets come sealed and stay so."""

    def __init__(self, mongo: Mongo) -> None:
        self._subscriptions = mongo.db["webhook_subscriptions"]

    async def add(self, subscription: Subscription) -> None:
        """Add one.

        Raises:
            Unavailable: the database is away.
        """
        document: Document = {
            "_id": subscription.id,
            "url": subscription.url,
            "events": sorted(kind.value for kind in subscription.events),
            "sealedSecret": subscription.sealed_secret,
            "isActive": True,
            "createdAt": subscription.created_at,
            "createdBy": subscription.created_by,
        }
        with driver_errors():
            await self._subscriptions.insert_one(document)

    async def count(self) -> int:
        """How many there are, the disabled ones too.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            return await self._subscriptions.estimated_document_count()

    async def get(self, subscription_id: str) -> Subscription:
        """The one of this id.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._subscriptions.find_one({"_id": subscription_id})
        if found is None:
            raise NotFound("Subscription not found")
        return _to_subscription(found)

    async def page(self, cursor: str | None, limit: int) -> Page[Subscription]:
        """All, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        which = rows_after(_ORDER, cursor) if cursor else {}
        with driver_errors():
            found = self._subscriptions.find(which).sort([(_ORDER, -1), ("_id", -1)])
            rows = await found.limit(limit + 1).to_list(None)
        return to_page(rows, limit, _ORDER, _to_subscription)

    async def all(self) -> Sequence[Subscription]:
        """All at once; there are at most a hundred.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            return [_to_subscription(row) for row in await self._subscriptions.find({}).to_list(None)]

    async def reseal(self, subscription_id: str, old: str, new: str) -> bool:
        """Replace the sealed secret, if it is still this one.

        Raises:
            Unavailable: the database is away.
        """
        which = {"_id": subscription_id, "sealedSecret": old}
        with driver_errors():
            done = await self._subscriptions.update_one(which, {"$set": {"sealedSecret": new}})
        return bool(done.modified_count)

    async def to_be_told(self, kind: SentKind) -> Sequence[str]:
        """The ids of those that want to hear of this, and are not disabled.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            rows = await self._subscriptions.find({"events": kind.value, "isActive": True}, {"_id": 1}).to_list(None)
        return [row["_id"] for row in rows]

    async def disable(self, subscription_id: str, at: datetime, reason: str) -> None:
        """Tell it nothing any more.

        Raises:
            Unavailable: the database is away.
        """
        changes = {"isActive": False, "disabledAt": at, "disabledReason": reason}
        with driver_errors():
            await self._subscriptions.update_one({"_id": subscription_id, "isActive": True}, {"$set": changes})

    async def remove(self, subscription_id: str) -> None:
        """Remove one.

        Raises:
            NotFound: there is none.
            Unavailable: the database is away.
        """
        with driver_errors():
            done = await self._subscriptions.delete_one({"_id": subscription_id})
        if not done.deleted_count:
            raise NotFound("Subscription not found")


def _to_subscription(stored: Document) -> Subscription:
    return Subscription(
        id=stored["_id"],
        url=stored["url"],
        events=frozenset(SentKind(kind) for kind in stored["events"]),
        sealed_secret=stored["sealedSecret"],
        created_at=stored["createdAt"],
        created_by=stored["createdBy"],
        disabled_at=stored.get("disabledAt"),
        disabled_reason=stored.get("disabledReason"),
    )
