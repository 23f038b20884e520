"""The collection `leases`: who of many processes may do a thing that only one may do."""

from datetime import timedelta

from pymongo import ReturnDocument

from app.repositories.mongo import Document, Mongo, driver_errors


class LeaseRepository:
    """Leases by the server's clock, so that the clocks of the processes do not matter."""

    def __init__(self, mongo: Mongo) -> None:
        self._leases = mongo.db["leases"]

    async def acquire(self, name: str, owner: str, lifetime: timedelta) -> bool:
        """Take the lease, or keep it when it is ours already; false when somebody else holds it.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            lease = await self._leases.find_one_and_update(
                {"_id": name}, _take_if_free(owner, lifetime), upsert=True, return_document=ReturnDocument.AFTER
            )
        return bool(lease["owner"] == owner)

    async def release(self, name: str, owner: str) -> None:
        """Give the lease back, if it is still ours.

        Raises:
            Unavailable: the database is away; the lease then ends by itself.
        """
        with driver_errors():
            await self._leases.delete_one({"_id": name, "owner": owner})


def _take_if_free(owner: str, lifetime: timedelta) -> list[Document]:
    """One atomic update: the holder stays unless it is us, nobody, or somebody whose time is over."""
    is_free = {
        "$or": [{"$eq": ["$owner", {"$literal": owner}]}, {"$lte": [{"$ifNull": ["$expiresAt", "$$NOW"]}, "$$NOW"]}]
    }
    until = {"$add": ["$$NOW", int(lifetime.total_seconds() * 1000)]}
    return [
        {
            "$set": {
                "owner": {"$cond": [is_free, {"$literal": owner}, "$owner"]},
                "expiresAt": {"$cond": [is_free, until, "$expiresAt"]},
            }
        }
    ]
