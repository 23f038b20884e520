"""What MONGODB_URI says of reads must not break what we write, nor let an answer lag behind."""

from pymongo import ReadPreference

from app.clock import SystemClock
from app.models.views import ViewReport
from app.repositories.mongo import Mongo
from app.repositories.views import ViewRepository
from tests.conftest import DATABASE


async def test_a_read_preference_in_the_address_is_overruled(mongod: str, mongo: Mongo) -> None:
    await mongo.db["songs"].insert_one({"_id": "s"})
    other = Mongo(f"{mongod}&readPreference=secondaryPreferred", DATABASE)
    try:
        report = ViewReport("ann", "s", "s", 5000, 0, False, SystemClock().now())
        [recorded] = await ViewRepository(other).record([report])
        assert recorded is not None
        assert recorded.counts.view_count == 1
        assert other.client.read_preference == ReadPreference.PRIMARY
    finally:
        other.close()
