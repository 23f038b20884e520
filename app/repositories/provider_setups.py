"""The collection `provider_setups`: what admins have set for each provider; credentials are sealed before they come."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pymongo import ReturnDocument

from app.models.licensing.provider_setups import ProviderChange, StoredSetup
from app.models.licensing.providers import CacheKind, ProviderName
from app.repositories.mongo import Document, Mongo, driver_errors
from app.repositories.stored_fields import moment


class ProviderSetupRepository:
    """Set-ups by the provider's name."""

    def __init__(self, mongo: Mongo) -> None:
        self._setups = mongo.db["provider_setups"]

    async def all(self) -> Mapping[ProviderName, StoredSetup]:
        """What was set; without the providers for which nothing was.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            rows = await self._setups.find({"_id": {"$in": [name.value for name in ProviderName]}}).to_list(None)
        return {ProviderName(row["_id"]): _to_stored(row) for row in rows}

    async def change(self, name: ProviderName, change: ProviderChange, at: datetime, by: str) -> StoredSetup:
        """Set field by field, so that of two changes at once both stay; `credentials` are sealed.

        Raises:
            Unavailable: the database is away.
        """
        update: Document = {"$set": {**_fields(change), "updatedAt": at, "updatedBy": by}, "$inc": {"version": 1}}
        removed = {f"credentials.{one}": "" for one, value in change.credentials.items() if value is None}
        if removed:
            update["$unset"] = removed
        with driver_errors():
            row = await self._setups.find_one_and_update(
                {"_id": name.value}, update, upsert=True, return_document=ReturnDocument.AFTER
            )
        return _to_stored(row)

    async def reseal(self, name: ProviderName, credential: str, old: str, new: str) -> bool:
        """Replace a sealed credential, unless somebody has changed it since; nothing else is touched.

        Raises:
            Unavailable: the database is away.
        """
        field = f"credentials.{credential}"
        with driver_errors():
            done = await self._setups.update_one({"_id": name.value, field: old}, {"$set": {field: new}})
        return done.modified_count > 0


def _fields(change: ProviderChange) -> Document:
    fields: Document = {f"credentials.{one}": value for one, value in change.credentials.items() if value is not None}
    fields |= {f"rateLimit.{window}": limit for window, limit in change.rate_limit.items()}
    fields |= {f"cacheTtl.{kind.value}": int(ttl.total_seconds()) for kind, ttl in change.cache_ttl.items()}
    if change.enabled is not None:
        fields["enabled"] = change.enabled
    if change.base_url is not None:
        fields["baseUrl"] = change.base_url or None
    return fields


def _to_stored(row: Document) -> StoredSetup:
    ttl = row.get("cacheTtl", {})
    return StoredSetup(
        enabled=row.get("enabled"),
        base_url=row.get("baseUrl"),
        credentials=row.get("credentials", {}),
        rate_limit=row.get("rateLimit", {}),
        cache_ttl={kind: timedelta(seconds=ttl[kind.value]) for kind in CacheKind if kind.value in ttl},
        version=row.get("version", 0),
        updated_at=moment(row.get("updatedAt")),
    )
