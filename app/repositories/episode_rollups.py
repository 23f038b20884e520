"""The collection `episode_buckets`: made from views, and replaced as a whole."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from pymongo import UpdateOne

from app.models.episodes.curves import Curve
from app.models.episodes.metrics import NO_DAY, Scope, ScopeKind
from app.models.episodes.rollups import Bucket, Computed, EpisodeDay
from app.repositories.episode_bucket_documents import bucket_document
from app.repositories.episode_dirt import EpisodeDirtRepository
from app.repositories.episode_tallies import EpisodeTallyRepository
from app.repositories.mongo import Document, Mongo, Session, driver_errors, snapshot_time
from app.repositories.rests import Rests
from app.repositories.stats_rollups import write_all

_AT_ONCE = 500
# 100 bytes each while they are held; a day with more is made several times, each time clearing so many.
_VIEWS_CLEARED_AT_ONCE = 50_000


class EpisodeRollupRepository:
    """Makes the buckets of days, and puts them in the place of older ones."""

    def __init__(
        self,
        mongo: Mongo,
        tallies: EpisodeTallyRepository,
        dirt: EpisodeDirtRepository,
        views_at_once: int = _VIEWS_CLEARED_AT_ONCE,
    ) -> None:
        self._mongo = mongo
        self._tallies = tallies
        self._dirt = dirt
        self._views_at_once = views_at_once
        self._buckets = mongo.in_thread["episode_buckets"]

    async def compute(self, wanted: Sequence[EpisodeDay], silent_since: datetime | None = None) -> Computed:
        """The buckets of these days, of their seasons and of their shows, and what of it was dirty; all of one moment.

        With a moment, views that have given a sign since then stay dirty.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> Computed:
            dirt = self._dirt.seen(session, wanted, self._views_at_once, silent_since)
            return Computed(self.buckets(session, wanted), snapshot_time(session), dirt)

        with self._mongo.patiently():
            return await self._mongo.snapshot(read)

    def buckets(self, session: Session, wanted: Collection[EpisodeDay]) -> list[Bucket]:
        """The buckets that views add up to, also where there are none; for the thread of a snapshot."""
        found: list[Bucket] = []
        rests = Rests()
        for kind in ScopeKind:
            scopes = _scopes(kind, wanted)
            ids = {day: [scope.id for scope in of_day] for day, of_day in scopes.items()}
            totals = self._tallies.of_days(session, kind, ids)
            curves = self._tallies.curves(session, ids) if kind is ScopeKind.EPISODE else {}
            found += [
                Bucket(scope, day, totals.get((scope.id, day), NO_DAY), _curve(kind, curves.get((scope.id, day))))
                for day, of_day in scopes.items()
                for scope in of_day
            ]
            rests.rest()
        return found

    async def replace(self, computed: Computed, at: datetime) -> None:
        """Put these buckets in the place of those that are there, except of newer ones.

        Raises:
            Unavailable: the database is away; some may have been replaced.
        """
        with driver_errors(), self._mongo.patiently():
            for start in range(0, len(computed.buckets), _AT_ONCE):
                part = computed.buckets[start : start + _AT_ONCE]
                updates = [_replacement(bucket_document(one, computed.as_of, at)) for one in part]
                await asyncio.to_thread(write_all, self._buckets, updates)

    async def clear(self, computed: Computed) -> None:
        """What was dirty then is not any more, where nothing has changed since.

        Raises:
            Unavailable: the database is away; what stays is rolled up again.
        """
        await self._dirt.clear(computed.dirt)


def _scopes(kind: ScopeKind, wanted: Collection[EpisodeDay]) -> dict[date, set[Scope]]:
    found: defaultdict[date, set[Scope]] = defaultdict(set)
    for one in wanted:
        ids = {ScopeKind.EPISODE: one.episode, ScopeKind.SEASON: one.season, ScopeKind.SHOW: one.show}
        season = None if kind is ScopeKind.SHOW else one.season
        found[one.day].add(Scope(kind, ids[kind], one.tenant, one.show, season))
    return found


def _curve(kind: ScopeKind, curve: Curve | None) -> Curve | None:
    return (curve or Curve()) if kind is ScopeKind.EPISODE else None


def _replacement(document: Document) -> UpdateOne:
    """An update that replaces a bucket unless that is of a later moment: two rollups may end in any order."""
    newer = {"$gt": ["$as_of", document["as_of"]]}
    fresh = {"$cond": [newer, "$$ROOT", {"$literal": document}]}
    return UpdateOne({"_id": document["_id"]}, [{"$replaceWith": fresh}], upsert=True)
