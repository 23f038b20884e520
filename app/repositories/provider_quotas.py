"""The collection `provider_quotas`: for each provider the calls that count, in one document of all processes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from pymongo import ReturnDocument

from app.models.licensing.providers import ProviderName
from app.models.licensing.quotas import Counted, CountedWindow, Leaving, QuotaStanding, Turn, WindowStanding, Wish
from app.repositories.mongo import Document, Mongo, driver_errors
from app.repositories.provider_quota_updates import SERVER_TIME, block, turn
from app.repositories.stored_fields import moment


class ProviderQuotaRepository:
    """The ledger, by the server's clock, so that those of the processes do not matter; tests say what `now` is."""

    def __init__(self, mongo: Mongo, now: Callable[[], object] = lambda: SERVER_TIME) -> None:
        self._ledger = mongo.db["provider_quotas"]
        self._now = now

    async def turn(
        self,
        provider: ProviderName,
        windows: Sequence[CountedWindow],
        wishes: Sequence[Wish],
        leaving: Sequence[Leaving],
    ) -> Turn:
        """Let calls end and grant places, all in one atomic update.

        Raises:
            Unavailable: the database is away; places may have been taken, which are given back by themselves.
        """
        update = turn(windows, wishes, leaving, self._now())
        with driver_errors():
            ledger = await self._ledger.find_one_and_update(
                {"_id": provider.value}, update, upsert=True, return_document=ReturnDocument.AFTER
            )
        return Turn(tuple(ledger["granted"]), _to_standing(ledger, windows))

    async def block(self, provider: ProviderName, wait: timedelta) -> None:
        """Grant nothing to anybody for so long.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            await self._ledger.update_one({"_id": provider.value}, block(wait, self._now()), upsert=True)

    async def unblock(self, provider: ProviderName) -> None:
        """Grant again what the windows leave.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            await self._ledger.update_one({"_id": provider.value}, {"$unset": {"blockedUntil": ""}})

    async def standings(
        self, windows: Mapping[ProviderName, Sequence[CountedWindow]]
    ) -> Mapping[ProviderName, QuotaStanding]:
        """How the ledgers stand now; without those that nobody has ever called.

        Raises:
            Unavailable: the database is away.
        """
        asked: list[Document] = [
            {"$match": {"_id": {"$in": [name.value for name in windows]}}},
            {"$set": {"asOf": self._now()}},
        ]
        with driver_errors():
            ledgers = await self._ledger.aggregate(asked).to_list(None)
        by_name = {ProviderName(ledger["_id"]): ledger for ledger in ledgers}
        return {name: _to_standing(ledger, windows[name]) for name, ledger in by_name.items()}


def _to_standing(ledger: Document, windows: Sequence[CountedWindow]) -> QuotaStanding:
    now = ledger["asOf"]
    stored = ledger.get("windows", {})
    standings = []
    for window in windows:
        counted = (Counted(one["until"], one["calls"]) for one in stored.get(window.name, ()))
        standings.append(WindowStanding(window, tuple(one for one in counted if one.until > now)))
    return QuotaStanding(now, tuple(standings), moment(ledger.get("blockedUntil")))
