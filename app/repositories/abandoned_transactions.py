"""Ends transactions whose process was killed half way.

MongoDB keeps such a transaction, and its locks on the songs it has counted, until `transactionLifetimeLimitSeconds`
(a minute) has passed; until then every write to one of these songs is refused as a conflict. Listing and killing the
sessions of one's own database user needs no privilege.
"""

import time
from datetime import timedelta
from typing import Any

import structlog
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from app.metrics import ABANDONED_TRANSACTIONS

log = structlog.get_logger(__name__)

APP_NAME = "playledger"

# Between two operations of a live transaction lies a turn of our loop, milliseconds. Should a process be that slow
# nevertheless, its transaction is run again, which is harmless.
_ABANDONED_AFTER = timedelta(seconds=1)
_STUCK_AFTER_SECONDS = 0.3
_PAUSE_SECONDS = 0.3


class AbandonedTransactions:
    """Looks only when this process is stuck: conflicts, and no commit for a while."""

    def __init__(self, client: AsyncIOMotorClient[dict[str, Any]]) -> None:
        self._client = client
        self._moved_at = time.monotonic()
        self._looked_at = 0.0

    def committed(self) -> None:
        """A transaction went through, so nothing is in the way of all of them."""
        self._moved_at = time.monotonic()

    async def conflicted(self) -> None:
        """A transaction met a conflict; end what is abandoned when that has gone on for too long."""
        now = time.monotonic()
        if now - self._moved_at < _STUCK_AFTER_SECONDS or now - self._looked_at < _PAUSE_SECONDS:
            return
        self._looked_at = now
        try:
            await self._end()
        except PyMongoError as error:
            # Without the right to look, they end by themselves within a minute.
            log.warning("abandoned_transactions_not_ended", error=type(error).__name__)

    async def _end(self) -> None:
        sessions = await self._client.admin.aggregate(_abandoned()).to_list(None)
        if sessions:
            await self._client.admin.command("killSessions", [{"id": session["lsid"]["id"]} for session in sessions])
            ABANDONED_TRANSACTIONS.inc(len(sessions))
            log.warning("abandoned_transactions_ended", count=len(sessions))


def _abandoned() -> list[dict[str, Any]]:
    idle_since = int(_ABANDONED_AFTER.total_seconds() * 1_000_000)
    return [
        {"$currentOp": {"allUsers": False, "idleSessions": True}},
        {
            "$match": {
                "type": "idleSession",
                "appName": APP_NAME,
                "transaction.timeInactiveMicros": {"$gt": idle_since},
            }
        },
        {"$project": {"lsid": 1}},
    ]
