"""When what was watched: the days of shows that have views or buckets, for whoever goes through all of them."""

from datetime import date
from functools import partial

from app.models.episodes.metrics import ScopeKind
from app.models.episodes.rollups import EpisodeDay
from app.repositories.mongo import Document, Mongo, Session, driver_errors

_PLACE = {"show": "$show", "season": "$season", "episode": "$episode", "tenant": "$tenant"}
_STORED_PLACE = {"_id": 0, "show": 1, "season": 1, "scope": 1, "tenant": 1}


class WatchedDayRepository:
    """Lists what there is; from buckets too, so that those of views that are gone are found."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._db = mongo.db
        self._in_thread = mongo.in_thread

    async def since(self, day: date) -> list[EpisodeDay]:
        """The days of episodes that have views, from a day on; those of one show and day together.

        Raises:
            Unavailable: the database is away.
        """
        found: list[EpisodeDay] = []
        for show in await self.shows():
            for one in await self.days_of(show, day):
                found += await self._mongo.snapshot(partial(self.of_day, show=show, day=one))
        return found

    async def shows(self) -> list[int]:
        """The shows that have views or buckets.

        Raises:
            Unavailable: the database is away.
        """
        found: set[int] = set()
        with driver_errors(), self._mongo.patiently():
            for collection in ("episode_views", "episode_buckets"):
                found.update(await self._db[collection].distinct("show"))
        return sorted(found)

    async def days_of(self, show: int, since: date = date.min) -> list[date]:
        """The days on which a show has views or buckets.

        Raises:
            Unavailable: the database is away.
        """
        found: set[str] = set()
        with driver_errors(), self._mongo.patiently():
            for collection in ("episode_views", "episode_buckets"):
                which = {"show": show, "day": {"$gte": since.isoformat()}}
                found.update(await self._db[collection].distinct("day", which))
        return [date.fromisoformat(day) for day in sorted(found)]

    def of_day(self, session: Session, show: int, day: date) -> list[EpisodeDay]:
        """The episodes of a show that have views or a bucket on a day; for the thread of a snapshot."""
        which: Document = {"show": show, "day": day.isoformat()}
        pipeline: list[Document] = [{"$match": which}, {"$group": {"_id": _PLACE}}]
        places = [row["_id"] for row in self._in_thread["episode_views"].aggregate(pipeline, session=session)]
        which |= {"kind": ScopeKind.EPISODE.value}
        stored = self._in_thread["episode_buckets"].find(which, _STORED_PLACE, session=session)
        places += [{"episode": row.pop("scope")} | row for row in stored]
        return sorted({EpisodeDay(day=day, **place) for place in places})
