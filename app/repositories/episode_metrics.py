"""One moment of buckets and views, as answers about metrics and retention read it."""

from collections.abc import Collection
from datetime import date, timedelta

from app.models.episodes.metrics import NOTHING, DayRange, DayWatched, MetricsRead, Scope, ScopeKind, Watched
from app.models.episodes.retention import StoredCurve
from app.repositories.episode_bucket_documents import to_curve, to_totals
from app.repositories.episode_dirt import EpisodeDirtRepository
from app.repositories.episode_tallies import EpisodeTallyRepository
from app.repositories.mongo import Document, Mongo, Session

_ANSWERED_WITHIN = timedelta(seconds=20)
_SUMMED = ("view_count", "total_seconds", "unique_seconds", "completed")
_SUM: Document = {"_id": None} | {name: {"$sum": f"${name}"} for name in _SUMMED}
_SHOWN = {"_id": 0, "day": 1, "unique_viewers": 1} | dict.fromkeys(_SUMMED, 1)
_CURVE = {"_id": 0, "reach": 1, "heat": 1, "view_count": 1, "computed_at": 1}


class EpisodeMetricsRepository:
    """Reads what a scope was watched."""

    def __init__(self, mongo: Mongo, tallies: EpisodeTallyRepository, dirt: EpisodeDirtRepository) -> None:
        self._mongo = mongo
        self._tallies = tallies
        self._dirt = dirt
        self._buckets = mongo.in_thread["episode_buckets"]
        self._audiences = mongo.in_thread["episode_audiences"]

    async def read(self, scope: Scope, days: DayRange) -> MetricsRead:
        """Everything of one moment: the buckets of days that are up to date, and the views of all others.

        Raises:
            Unavailable: the database is away, or there was more to read than a caller would wait for.
        """

        def read(session: Session) -> MetricsRead:
            dirty = self._dirt.days_of(session, scope)
            raw = self._tallies.of_days(session, scope.kind, {day: [scope.id] for day in dirty})
            return MetricsRead(
                viewers=self._viewers(session, scope),
                past=self._past(session, scope, dirty),
                stored=self._stored(session, scope, days, dirty),
                raw={day: raw_of_day for (_, day), raw_of_day in raw.items()},
            )

        with self._mongo.patiently(_ANSWERED_WITHIN):
            return await self._mongo.snapshot(read)

    async def curve(self, episode: int) -> StoredCurve:
        """What the buckets of an episode add up to.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> StoredCurve:
            found = StoredCurve()
            which = {"kind": ScopeKind.EPISODE.value, "scope": episode}
            for row in self._buckets.find(which, _CURVE, session=session):
                found.add(to_curve(row), row["view_count"], row["computed_at"])
            return found

        return await self._mongo.snapshot(read)

    def _viewers(self, session: Session, scope: Scope) -> int:
        found = self._audiences.find_one({"_id": f"{scope.kind.value}:{scope.id}"}, session=session)
        return int(found["viewers"]) if found else 0

    def _past(self, session: Session, scope: Scope, dirty: Collection[date]) -> Watched:
        pipeline: list[Document] = [{"$match": _of(scope) | {"day": {"$nin": _names(dirty)}}}, {"$group": _SUM}]
        for row in self._buckets.aggregate(pipeline, session=session):
            return to_totals(row).watched
        return NOTHING

    def _stored(
        self, session: Session, scope: Scope, days: DayRange, dirty: Collection[date]
    ) -> dict[date, DayWatched]:
        within = {"$gte": days.first.isoformat(), "$lte": days.last.isoformat(), "$nin": _names(dirty)}
        rows = self._buckets.find(_of(scope) | {"day": within}, _SHOWN, session=session)
        return {date.fromisoformat(row["day"]): to_totals(row) for row in rows}


def _of(scope: Scope) -> Document:
    return {"kind": scope.kind.value, "scope": scope.id}


def _names(days: Collection[date]) -> list[str]:
    return [day.isoformat() for day in days]
