"""The collection `provider_calls`: how calls to providers went, a document for each kind and hour."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from pymongo import UpdateOne

from app.models.licensing.provider_calls import CallCounts, CallFault, CallHour
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Document, Mongo, driver_errors

_CALLS = "calls"
_FAULT = "fault_"
_STEP = "step_"


class ProviderCallRepository:
    """Adds counts up, over processes and hours."""

    def __init__(self, mongo: Mongo) -> None:
        self._calls = mongo.db["provider_calls"]

    async def add(self, counts: Mapping[CallHour, CallCounts]) -> None:
        """Add what was counted.

        Raises:
            Unavailable: the database is away; some of it may have been added.
        """
        updates = [UpdateOne({"_id": _id(of)}, _increment(of, counted), upsert=True) for of, counted in counts.items()]
        with driver_errors():
            await self._calls.bulk_write(updates, ordered=False)

    async def sums(self, start: datetime, end: datetime) -> Mapping[tuple[ProviderName, str], CallCounts]:
        """Counts by provider and kind over the hours that begin from `start` up to, and without, `end`.

        Raises:
            Unavailable: the database is away.
        """
        by_name = {"provider": "$provider", "kind": "$kind", "name": "$counts.k"}
        asked: list[Document] = [
            {"$match": {"hour": {"$gte": start, "$lt": end}}},
            {"$project": {"provider": 1, "kind": 1, "lastErrorAt": 1, "counts": {"$objectToArray": "$counts"}}},
            {"$unwind": "$counts"},
            {"$group": {"_id": by_name, "count": {"$sum": "$counts.v"}, "lastErrorAt": {"$max": "$lastErrorAt"}}},
        ]
        with driver_errors():
            rows = await self._calls.aggregate(asked).to_list(None)
        sums: dict[tuple[ProviderName, str], CallCounts] = defaultdict(CallCounts)
        for row in rows:
            key = row["_id"]
            sums[ProviderName(key["provider"]), key["kind"]].add(_to_counts(key["name"], row))
        return sums


def _id(of: CallHour) -> str:
    return f"{of.provider.value}:{of.kind}:{of.hour:%Y-%m-%dT%H}"


def _increment(of: CallHour, counted: CallCounts) -> Document:
    names = {_CALLS: counted.calls}
    names |= {f"{_FAULT}{fault.value}": count for fault, count in counted.faults.items()}
    names |= {f"{_STEP}{step}": count for step, count in counted.steps.items()}
    update: Document = {
        "$inc": {f"counts.{name}": count for name, count in names.items()},
        "$setOnInsert": {"provider": of.provider.value, "kind": of.kind, "hour": of.hour},
    }
    if counted.last_error_at is not None:
        update["$max"] = {"lastErrorAt": counted.last_error_at}
    return update


def _to_counts(name: str, row: Document) -> CallCounts:
    count = row["count"]
    counts = CallCounts(last_error_at=row["lastErrorAt"])
    if name == _CALLS:
        counts.calls = count
    elif name.startswith(_STEP):
        counts.steps[int(name.removeprefix(_STEP))] = count
    elif name.removeprefix(_FAULT) in set(CallFault):
        counts.faults[CallFault(name.removeprefix(_FAULT))] = count
    return counts
