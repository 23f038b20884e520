"""Job runs: each slot of a job is taken once; history is kept for 90 days."""

from datetime import timedelta

from motor.motor_asyncio import AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING, IndexModel

from migrations.steps import Document, create_indexes, drop_collections

_KEPT = timedelta(days=90)


async def up(db: AsyncIOMotorDatabase[Document]) -> None:
    """Create the indexes."""
    await create_indexes(
        db["job_runs"],
        [
            IndexModel([("job", ASCENDING), ("slot", ASCENDING)], unique=True, name="job_slot_unique"),
            IndexModel([("job", ASCENDING), ("startedAt", DESCENDING)], name="job_latest"),
            IndexModel([("startedAt", ASCENDING)], name="kept", expireAfterSeconds=int(_KEPT.total_seconds())),
        ],
    )


async def down(db: AsyncIOMotorDatabase[Document]) -> None:
    """Remove the history."""
    await drop_collections(db, "job_runs")
