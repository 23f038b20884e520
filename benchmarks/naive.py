"""What the view route is compared with: one transaction per request, step for step as the seed's guide has it."""

from datetime import UTC, datetime

from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClientSession
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app.errors import NotFound
from app.models.views import Engagement
from app.repositories.mongo import Document, Mongo


class NaiveViews:
    """Look for the song, look for the view, then insert and `$inc` in a transaction of its own, then read the song.

    The last read is the guide's too: its handler tells listeners the like count, which it fetches for that. One thing
    is kinder than the guide: a conflict is retried as the driver's `with_transaction` does it, where the guide
    answers 500.
    """

    def __init__(self, mongo: Mongo) -> None:
        self._client = mongo.client
        self._songs = mongo.db["songs"]
        self._views = mongo.db["views"]

    async def record(self, user_id: str, song_id: str, engagement: Engagement) -> int:
        """Count the user's view, unless it was counted before, and return the song's count.

        Raises:
            NotFound: there is no such song.
        """
        key = ObjectId(song_id)
        song = await self._songs.find_one({"_id": key})
        if song is None:
            raise NotFound("Song not found")
        if await self._views.find_one({"userId": user_id, "songId": key}) is not None:
            await self._raise_engagement(user_id, key, engagement)
            return int(song["viewCount"])
        try:
            counted = await self._insert_and_count(_row(user_id, key, engagement))
        except DuplicateKeyError:
            return await self._count(key)
        await self._count(key)
        return counted

    async def _insert_and_count(self, row: Document) -> int:
        async def body(session: AsyncIOMotorClientSession) -> int:
            await self._views.insert_one(row, session=session)
            song = await self._songs.find_one_and_update(
                {"_id": row["songId"]},
                {"$inc": {"viewCount": 1}},
                return_document=ReturnDocument.AFTER,
                session=session,
            )
            return int(song["viewCount"])

        async with await self._client.start_session() as session:
            counted: int = await session.with_transaction(body)
            return counted

    async def _raise_engagement(self, user_id: str, key: ObjectId, engagement: Engagement) -> None:
        fields = _engagement(engagement) | {"lastViewedAt": datetime.now(UTC)}
        await self._views.update_one({"userId": user_id, "songId": key}, {"$max": fields})

    async def _count(self, key: ObjectId) -> int:
        song = await self._songs.find_one({"_id": key})
        if song is None:
            raise NotFound("Song not found")
        return int(song["viewCount"])


def _row(user_id: str, key: ObjectId, engagement: Engagement) -> Document:
    now = datetime.now(UTC)
    return {"userId": user_id, "songId": key, "viewedAt": now, "lastViewedAt": now} | _engagement(engagement)


def _engagement(engagement: Engagement) -> Document:
    return {
        "durationMs": engagement.duration_ms or 0,
        "progressPct": engagement.progress_pct or 0,
        "isComplete": bool(engagement.is_complete),
    }
