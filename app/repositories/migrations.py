"""The collection `migrations`: which changes of stored data were made, when, and by which text."""

from datetime import datetime

from app.models.migrations import AppliedMigration
from app.repositories.mongo import Database, Mongo, driver_errors


class MigrationRepository:
    """Records migrations, and lends the database to them."""

    def __init__(self, mongo: Mongo) -> None:
        self.db: Database = mongo.db
        self._applied = mongo.db["migrations"]

    async def applied(self) -> list[AppliedMigration]:
        """What was applied, oldest first.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            rows = await self._applied.find({}).sort("_id", 1).to_list(None)
        return [AppliedMigration(row["_id"], row["checksum"], row["appliedAt"]) for row in rows]

    async def add(self, name: str, checksum: str, at: datetime) -> None:
        """Record that a migration was applied.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            await self._applied.replace_one({"_id": name}, {"checksum": checksum, "appliedAt": at}, upsert=True)

    async def remove(self, name: str) -> None:
        """Record that a migration was taken back.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            await self._applied.delete_one({"_id": name})
