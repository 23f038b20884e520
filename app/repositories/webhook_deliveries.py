"""The collection `webhook_deliveries`: each event for each subscription, kept until a month after its end."""

from collections.abc import Collection as Container
from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo.errors import BulkWriteError

from app.models.licensing.webhooks import Delivery, DeliveryState, Posted, SentKind
from app.models.pages import Page
from app.repositories.keyset import rows_after, to_page
from app.repositories.leased_rows import WAITING, LeasedRows
from app.repositories.mongo import DUPLICATE_KEY, Document, Mongo, driver_errors

_ORDER = "createdAt"


class WebhookDeliveryRepository:
    """Keeps deliveries; what becomes of one is written only by who holds it."""

    def __init__(self, mongo: Mongo) -> None:
        self._deliveries = mongo.db["webhook_deliveries"]
        self._work = LeasedRows(self._deliveries)

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Keep deliveries to be made; those whose id is there already stay as they are.

        Raises:
            Unavailable: the database is away; some may have been kept.
        """
        try:
            with driver_errors():
                await self._deliveries.insert_many([_to_document(one) for one in deliveries], ordered=False)
        except BulkWriteError as error:
            faults = (error.details or {}).get("writeErrors", [])
            if not faults or any(fault["code"] != DUPLICATE_KEY for fault in faults):
                raise

    async def count_due(self, at: datetime) -> int:
        """How many may be taken.

        Raises:
            Unavailable: the database is away.
        """
        return await self._work.count_due(at)

    async def take(self, at: datetime, lifetime: timedelta, besides: Container[str]) -> Delivery | None:
        """Take one that is due, besides those of some subscriptions.

        Raises:
            Unavailable: the database is away.
        """
        row = await self._work.take(at, lifetime, {"subscriptionId": {"$nin": list(besides)}} if besides else None)
        return _to_delivery(row) if row else None

    async def end(self, delivery: Delivery, state: DeliveryState, at: datetime, posted: Posted) -> None:
        """It is delivered, or not tried any more.

        Raises:
            Unavailable: the database is away.
        """
        await self._settle(delivery, {"state": state.value, "endedAt": at, **_came_of(posted)})

    async def postpone(self, delivery: Delivery, due_at: datetime, posted: Posted) -> None:
        """It is tried again later.

        Raises:
            Unavailable: the database is away.
        """
        await self._settle(delivery, {"dueAt": due_at, **_came_of(posted)})

    async def abandon(self, subscription_id: str, at: datetime, reason: str) -> None:
        """Nothing that waits for this subscription is tried any more.

        Raises:
            Unavailable: the database is away.
        """
        which = {"subscriptionId": subscription_id, "state": WAITING}
        changes = {"state": DeliveryState.FAILED.value, "endedAt": at, "lastError": reason}
        with driver_errors():
            await self._deliveries.update_many(which, {"$set": changes})

    async def page(self, subscription_id: str, cursor: str | None, limit: int) -> Page[Delivery]:
        """The deliveries of a subscription, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        which: Document = {"subscriptionId": subscription_id} | (rows_after(_ORDER, cursor) if cursor else {})
        with driver_errors():
            found = self._deliveries.find(which).sort([(_ORDER, -1), ("_id", -1)])
            rows = await found.limit(limit + 1).to_list(None)
        return to_page(rows, limit, _ORDER, _to_delivery)

    async def _settle(self, delivery: Delivery, changes: Document) -> None:
        await self._work.settle(delivery.id, delivery.claim or "", changes)


def _came_of(posted: Posted) -> Document:
    return {"lastStatus": posted.status, "lastError": posted.error}


def _to_document(delivery: Delivery) -> Document:
    return {
        "_id": delivery.id,
        "subscriptionId": delivery.subscription_id,
        "event": delivery.kind.value,
        "body": delivery.body,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "createdAt": delivery.created_at,
        "dueAt": delivery.due_at,
    }


def _to_delivery(row: Document) -> Delivery:
    return Delivery(
        id=row["_id"],
        subscription_id=row["subscriptionId"],
        kind=SentKind(row["event"]),
        body=row["body"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        created_at=row["createdAt"],
        due_at=row["dueAt"],
        claim=row.get("claim"),
        ended_at=row.get("endedAt"),
        last_status=row.get("lastStatus"),
        last_error=row.get("lastError"),
    )
