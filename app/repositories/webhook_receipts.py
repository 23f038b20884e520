"""The collection `webhook_receipts`: what providers told us, kept long enough to know it when it is sent again."""

from datetime import datetime, timedelta

from pymongo.errors import PyMongoError

from app.models.licensing.providers import ProviderName
from app.models.licensing.webhooks import Notice, Receipt, ReceivedKind
from app.repositories.leased_rows import WAITING, LeasedRows
from app.repositories.mongo import Document, Mongo, driver_errors, is_duplicate_key


class WebhookReceiptRepository:
    """A row for each signature, and for each id that a provider gave; both are unique."""

    def __init__(self, mongo: Mongo) -> None:
        self._receipts = mongo.db["webhook_receipts"]
        self._work = LeasedRows(self._receipts)

    async def add(self, notice: Notice, signature: str, at: datetime) -> bool:
        """Keep a notice to be followed; false when it was kept before.

        Raises:
            Unavailable: the database is away; it was not kept.
        """
        document: Document = {
            "_id": f"{notice.provider.value}:{signature}",
            "provider": notice.provider.value,
            "event": notice.kind.value,
            "trackIds": list(notice.track_ids),
            "state": WAITING,
            "attempts": 0,
            "dueAt": at,
            "receivedAt": at,
            **({} if notice.id is None else {"eventId": notice.id}),
        }
        try:
            with driver_errors():
                await self._receipts.insert_one(document)
        except PyMongoError as error:
            if is_duplicate_key(error):
                return False
            raise
        return True

    async def count_due(self, at: datetime) -> int:
        """How many may be taken.

        Raises:
            Unavailable: the database is away.
        """
        return await self._work.count_due(at)

    async def take(self, at: datetime, lifetime: timedelta) -> Receipt | None:
        """Take one that is to be followed.

        Raises:
            Unavailable: the database is away.
        """
        row = await self._work.take(at, lifetime)
        return _to_receipt(row) if row else None

    async def finish(self, receipt: Receipt, at: datetime, note: str | None) -> None:
        """It was followed; the note says what could not be done.

        Raises:
            Unavailable: the database is away.
        """
        await self._work.settle(receipt.id, receipt.claim, {"state": "done", "endedAt": at, "note": note})

    async def fail(self, receipt: Receipt, at: datetime, note: str) -> None:
        """It is not tried any more.

        Raises:
            Unavailable: the database is away.
        """
        await self._work.settle(receipt.id, receipt.claim, {"state": "failed", "endedAt": at, "note": note})

    async def postpone(self, receipt: Receipt, due_at: datetime, note: str) -> None:
        """It is tried again later.

        Raises:
            Unavailable: the database is away.
        """
        await self._work.settle(receipt.id, receipt.claim, {"dueAt": due_at, "note": note})


def _to_receipt(row: Document) -> Receipt:
    notice = Notice(
        provider=ProviderName(row["provider"]),
        kind=ReceivedKind(row["event"]),
        track_ids=tuple(row["trackIds"]),
        id=row.get("eventId"),
    )
    return Receipt(row["_id"], notice, row["attempts"], row["claim"], row["receivedAt"])
