"""Which days of episodes are out of date: views that have changed since they were rolled up, and marks for those gone.

Every write to a view sets `dirty` and raises its `revision`, so a rollup takes `dirty` away only where the revision is
still the one it has seen. Views that were removed cannot say so; `episode_dirty_days` does, with revisions too.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from pymongo import DeleteOne, UpdateMany, UpdateOne

from app.models.episodes.metrics import Scope
from app.models.episodes.rollups import Dirt, EpisodeDay
from app.repositories.mongo import Document, Mongo, Session, driver_errors

_IDS_AT_ONCE = 1_000
# The driver decodes a batch in one go, and nothing else of the process goes on meanwhile.
_READ_AT_ONCE = 500
_PLACE = {"show": "$show", "season": "$season", "episode": "$episode", "day": "$day", "tenant": "$tenant"}
# A partial index is taken only for a query that says what its rows are, and only with a bound on its first field.
_DIRTY: Document = {"dirty": True, "show": {"$gt": 0}}


class EpisodeDirtRepository:
    """Finds what is out of date, and removes the signs of it."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._views = mongo.db["episode_views"]
        self._marks = mongo.db["episode_dirty_days"]
        self._in_thread = mongo.in_thread

    async def days(self, limit: int) -> list[EpisodeDay]:
        """So many of the days of episodes that are out of date, those of one show and day together.

        Raises:
            Unavailable: the database is away.
        """
        by_day: Document = {"$group": {"_id": _PLACE, "changed": {"$sum": 1}}}
        pipeline: list[Document] = [{"$match": _DIRTY}, by_day, {"$limit": limit}]
        with driver_errors(), self._mongo.patiently():
            rows = [row | row["_id"] for row in await self._views.aggregate(pipeline).to_list(None)]
            rows += await self._marks.find({}).sort("_id", 1).limit(limit).to_list(None)
        return sorted({_to_episode_day(row) for row in rows})[:limit]

    def seen(
        self, session: Session, wanted: Collection[EpisodeDay], most: int, silent_since: datetime | None = None
    ) -> Dirt:
        """The signs on these days, of at most so many views, and only of silent ones if a moment is given.

        For the thread of a snapshot.
        """
        views: defaultdict[int, list[int]] = defaultdict(list)
        left = most
        silent: Document = {} if silent_since is None else {"seen_at": {"$lt": silent_since}}
        for which in _on_days(wanted):
            found = self._in_thread["episode_views"].find(which | silent, {"revision": 1}, session=session)
            for row in found.limit(left + 1).batch_size(_READ_AT_ONCE):
                views[row.get("revision", 0)].append(row["_id"])
                left -= 1
            if left < 0:
                break
        return Dirt(views, self._marks_on(session, wanted), is_all=left >= 0)

    def days_of(self, session: Session, scope: Scope) -> set[date]:
        """The days of a scope that are out of date; for the thread of a snapshot."""
        which: Document = {"show": scope.show, scope.kind.value: scope.id}
        if scope.season is not None:
            which["season"] = scope.season
        pipeline: list[Document] = [{"$match": which | {"dirty": True}}, {"$group": {"_id": "$day"}}]
        found = {row["_id"] for row in self._in_thread["episode_views"].aggregate(pipeline, session=session)}
        found |= {row["day"] for row in self._in_thread["episode_dirty_days"].find(which, {"day": 1}, session=session)}
        return {date.fromisoformat(day) for day in found}

    async def clear(self, dirt: Dirt) -> None:
        """Remove the signs that were seen, where nothing has changed since.

        Raises:
            Unavailable: the database is away; what stays is rolled up again.
        """
        views = [update for revision, ids in dirt.views.items() for update in _cleared(revision, ids)]
        marks = [DeleteOne({"_id": key, "revision": revision}) for key, revision in dirt.marks.items()]
        with driver_errors(), self._mongo.patiently():
            if views:
                await self._views.bulk_write(views, ordered=False)
            if marks:
                await self._marks.bulk_write(marks, ordered=False)

    async def mark(self, days: Iterable[EpisodeDay]) -> None:
        """Say of these days that they are out of date.

        Raises:
            Unavailable: the database is away; some may be marked.
        """
        marks = [UpdateOne({"_id": _mark_id(one)}, _marked(one), upsert=True) for one in days]
        if marks:
            with driver_errors(), self._mongo.patiently():
                await self._marks.bulk_write(marks, ordered=False)

    def _marks_on(self, session: Session, wanted: Collection[EpisodeDay]) -> dict[str, int]:
        which = {"_id": {"$in": [_mark_id(one) for one in wanted]}}
        rows = self._in_thread["episode_dirty_days"].find(which, {"revision": 1}, session=session)
        return {row["_id"]: row["revision"] for row in rows}


def _on_days(wanted: Iterable[EpisodeDay]) -> list[Document]:
    """Filters for the views of these days that have changed, by the index of such views."""
    found: defaultdict[tuple[int, int, str], list[int]] = defaultdict(list)
    for one in wanted:
        found[one.show, one.season, one.day.isoformat()].append(one.episode)
    return [
        {"show": show, "season": season, "day": day, "episode": {"$in": episodes}, "dirty": True}
        for (show, season, day), episodes in found.items()
    ]


def _cleared(revision: int, ids: Sequence[int]) -> list[UpdateMany]:
    # A view that was never written by us has no revision, which equals null and not 0.
    same = revision or {"$in": [0, None]}
    pieces = (ids[at : at + _IDS_AT_ONCE] for at in range(0, len(ids), _IDS_AT_ONCE))
    return [UpdateMany({"_id": {"$in": piece}, "revision": same}, {"$unset": {"dirty": ""}}) for piece in pieces]


def _mark_id(one: EpisodeDay) -> str:
    return f"{one.episode}:{one.day.isoformat()}"


def _marked(one: EpisodeDay) -> Document:
    place = {"tenant": one.tenant, "show": one.show, "season": one.season, "episode": one.episode}
    return {"$setOnInsert": place | {"day": one.day.isoformat()}, "$inc": {"revision": 1}}


def _to_episode_day(row: Document) -> EpisodeDay:
    day = date.fromisoformat(row["day"])
    return EpisodeDay(row["show"], day, row["season"], row["episode"], row["tenant"], row.get("changed", 0))
