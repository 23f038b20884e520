"""The other way to the same numbers: read every row of the year."""

from datetime import datetime, timedelta

from app.models.stats.periods import Interval, TimeRange
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.stats_tallies import Key, Slice, StatsTallyRepository


class RawScan:
    """Adds up raw rows in the database, without any rollup."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._tallies = StatsTallyRepository(mongo)

    async def count(self, tracks: tuple[str, ...] | None, now: datetime) -> tuple[int, int]:
        """Plays and distinct sessions of the year before now; everything else is added up on the way."""
        interval = Interval(now - (TimeRange.YEAR.length or timedelta()), now)
        return await self._mongo.snapshot(lambda session: self._count(session, Slice(interval, tracks)))

    def _count(self, session: Session, one: Slice) -> tuple[int, int]:
        found = self._tallies.tallies(session, [one]).get(Key())
        plays = found.counted.plays if found else 0
        return plays, self._distinct(session, one)

    def _distinct(self, session: Session, one: Slice) -> int:
        """In the database, as a list of all sessions would cost more to send than to count."""
        which: Document = {
            "timestamp": {"$gte": one.interval.start, "$lt": one.interval.end},
            "excluded.kind": {"$nin": ["bot", "own"]},
        }
        if one.track_ids is not None:
            which["trackId"] = {"$in": list(one.track_ids)}
        pipeline: list[Document] = [{"$match": which}, {"$group": {"_id": "$sessionId"}}, {"$count": "sessions"}]
        rows = list(self._mongo.in_thread["play_events"].aggregate(pipeline, session=session, allowDiskUse=True))
        return int(rows[0]["sessions"]) if rows else 0
