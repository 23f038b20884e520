"""What the rows of `music_usages` of a stretch of time add up to."""

from datetime import timedelta

from app.models.licensing.providers import ProviderName
from app.models.licensing.usage import Period
from app.models.licensing.usage_analytics import GroupBy, TopTrack, UsageAnalytics, UsageInPeriod
from app.repositories.mongo import Document, Mongo, Session

# A year with 100,000 uses took a second on two busy cores.
_WITHIN = timedelta(minutes=1)

_NAMES = {GroupBy.DAY: "%Y-%m-%d", GroupBy.WEEK: "%G-W%V", GroupBy.MONTH: "%Y-%m"}
_TRACK = {"provider": "$provider", "trackId": "$trackId"}


class MusicUsageAnalyticsRepository:
    """Adds up uses in the database."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._usages = mongo.in_thread["music_usages"]

    async def add_up(self, stretch: Period, by: GroupBy, top: int) -> UsageAnalytics:
        """All of it, of one moment; both ends of the stretch belong to it.

        Raises:
            Unavailable: the database is away.
        """
        with self._mongo.patiently(_WITHIN):
            return await self._mongo.snapshot(lambda session: self._add_up(session, stretch, by, top))

    def _add_up(self, session: Session, stretch: Period, by: GroupBy, top: int) -> UsageAnalytics:
        def found(*stages: Document) -> list[Document]:
            within: Document = {"$match": {"usedAt": {"$gte": stretch.first, "$lte": stretch.last}}}
            return list(self._usages.aggregate([within, *stages], session=session, allowDiskUse=True))

        return UsageAnalytics(
            over_time=tuple(_to_period(row) for row in found(*_over_time(by))),
            top_tracks=tuple(_to_track(row) for row in found(*_top(top))),
            genres=tuple((row["_id"], row["count"]) for row in found(*_distribution("genres"))),
            moods=tuple((row["_id"], row["count"]) for row in found(*_distribution("moods"))),
        )


def _over_time(by: GroupBy) -> list[Document]:
    name = {"$dateToString": {"date": "$usedAt", "format": _NAMES[by]}}
    return [
        {"$group": {"_id": {"period": name, **_TRACK}, "uses": {"$sum": 1}}},
        {"$group": {"_id": "$_id.period", "uses": {"$sum": "$uses"}, "tracks": {"$sum": 1}}},
        {"$sort": {"_id": 1}},
    ]


def _top(limit: int) -> list[Document]:
    # Objects are compared field by field: the greatest is the latest.
    called = {"$max": {"at": "$usedAt", "title": "$title", "artist": "$artist"}}
    return [
        {"$group": {"_id": _TRACK, "uses": {"$sum": 1}, "called": called}},
        {"$sort": {"uses": -1, "_id.provider": 1, "_id.trackId": 1}},
        {"$limit": limit},
    ]


def _distribution(field: str) -> list[Document]:
    return [
        {"$unwind": f"${field}"},
        {"$group": {"_id": f"${field}", "count": {"$sum": 1}}},
        {"$sort": {"count": -1, "_id": 1}},
    ]


def _to_period(row: Document) -> UsageInPeriod:
    return UsageInPeriod(row["_id"], row["uses"], row["tracks"])


def _to_track(row: Document) -> TopTrack:
    called = row["called"]
    return TopTrack(
        ProviderName(row["_id"]["provider"]), row["_id"]["trackId"], called["title"], called["artist"], row["uses"]
    )
