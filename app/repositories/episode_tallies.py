"""What the rows of `episode_views` add up to: the truth that buckets are made of and compared with."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from app.models.episodes.curves import Curve, CurveSum
from app.models.episodes.metrics import DayWatched, ScopeKind, Watched
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.rests import Rests

_SUMS: Document = {"total": {"$sum": "$total"}, "unique": {"$sum": "$unique"}, "completed": {"$sum": "$completed"}}
_OF_USER: Document = {
    "views": {"$sum": 1},
    "total": {"$sum": "$total_seconds"},
    "unique": {"$sum": "$unique_seconds"},
    "completed": {"$sum": {"$cond": [{"$eq": ["$completed", True]}, 1, 0]}},
}
_CURVE_FIELDS = {"_id": 0, "episode": 1, "duration_seconds": 1, "covered": 1, "heat": 1}
# The driver decodes a batch in one go, and nothing else of the process goes on meanwhile.
_AT_ONCE = 100

Place = tuple[int, date]
"""A scope of some kind, and a day of it."""


class EpisodeTallyRepository:
    """Adds up views in the database; for use in the thread of a snapshot."""

    def __init__(self, mongo: Mongo) -> None:
        self._views = mongo.in_thread["episode_views"]

    def of_days(
        self, session: Session, kind: ScopeKind, wanted: Mapping[date, Collection[int]]
    ) -> dict[Place, DayWatched]:
        """What the views of these days of scopes add up to; days without views are left out.

        Raises:
            PyMongoError: as every read; the caller's snapshot translates it.
        """
        found: dict[Place, DayWatched] = {}
        for day, ids in wanted.items():
            which: Document = {kind.value: {"$in": list(ids)}, "day": day.isoformat()}
            for row in self._views.aggregate(_sums(kind, which), session=session, allowDiskUse=True):
                found[row["_id"], day] = to_day(row)
        return found

    def curves(self, session: Session, wanted: Mapping[date, Collection[int]]) -> dict[Place, Curve]:
        """Where the views of these days of episodes were; the views pass through, and are never held.

        Raises:
            PyMongoError: as `of_days`.
        """
        found: defaultdict[Place, CurveSum] = defaultdict(CurveSum)
        rests, read = Rests(), 0
        for day, ids in wanted.items():
            which: Document = {"episode": {"$in": list(ids)}, "day": day.isoformat()}
            for row in self._views.find(which, _CURVE_FIELDS, session=session, batch_size=_AT_ONCE):
                curve = found[row["episode"], day]
                curve.add(row["duration_seconds"], row.get("covered") or (), row.get("heat") or {})
                read += 1
                if read % _AT_ONCE == 0:
                    rests.rest()
        return {place: added.curve for place, added in found.items()}


def to_day(row: Document) -> DayWatched:
    """A day, out of what it adds up to."""
    return DayWatched(Watched(row["views"], row["total"], row["unique"], row["completed"]), row["viewers"])


def _sums(kind: ScopeKind, which: Document) -> list[Document]:
    """By user first: so many groups are the distinct users."""
    return [
        {"$match": which},
        {"$group": _OF_USER | {"_id": {"scope": f"${kind.value}", "user": "$user"}}},
        {"$group": _SUMS | {"_id": "$_id.scope", "viewers": {"$sum": 1}, "views": {"$sum": "$views"}}},
    ]
