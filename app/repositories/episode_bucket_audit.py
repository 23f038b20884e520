"""Stored buckets of views against a recount of the views."""

from collections.abc import Iterator
from datetime import date
from math import isclose

from app.models.episodes.curves import Curve
from app.models.episodes.drift import Compared, NumberDrift
from app.models.episodes.metrics import NO_DAY
from app.models.episodes.rollups import Bucket, EpisodeDay
from app.repositories.episode_bucket_documents import bucket_id, to_bucket
from app.repositories.episode_dirt import EpisodeDirtRepository
from app.repositories.episode_rollups import EpisodeRollupRepository
from app.repositories.episode_watched_days import WatchedDayRepository
from app.repositories.mongo import Mongo, Session

# Sums of fractions depend on their order in the last digits.
_TOLERANCE = 1e-9


class EpisodeBucketAuditRepository:
    """Compares the buckets of a day, all of one moment; a day that is known to be out of date is left out."""

    def __init__(
        self,
        mongo: Mongo,
        rollups: EpisodeRollupRepository,
        watched: WatchedDayRepository,
        dirt: EpisodeDirtRepository,
    ) -> None:
        self._mongo = mongo
        self._rollups = rollups
        self._watched = watched
        self._dirt = dirt
        self._buckets = mongo.in_thread["episode_buckets"]

    async def compare(self, show: int, day: date) -> Compared:
        """The buckets of a show, of its seasons and of its episodes.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> Compared:
            places = self._watched.of_day(session, show, day)
            signs = self._dirt.seen(session, places, most=1)
            if signs.size:
                return Compared(0)
            stored = self._stored(session, show, day)
            counted = self._rollups.buckets(session, places)
            return Compared(len(counted), tuple(one for bucket in counted for one in _differences(stored, bucket)))

        with self._mongo.patiently():
            return await self._mongo.snapshot(read)

    async def mark(self, show: int, day: date) -> None:
        """Say of all episodes of a show that this day is out of date.

        Raises:
            Unavailable: the database is away.
        """

        def read(session: Session) -> list[EpisodeDay]:
            return self._watched.of_day(session, show, day)

        await self._dirt.mark(await self._mongo.snapshot(read))

    def _stored(self, session: Session, show: int, day: date) -> dict[str, Bucket]:
        rows = self._buckets.find({"show": show, "day": day.isoformat()}, session=session)
        return {row["_id"]: to_bucket(row) for row in rows}


def _differences(stored: dict[str, Bucket], counted: Bucket) -> Iterator[NumberDrift]:
    """Every number that is not what was counted; what is not stored is nothing."""
    key = bucket_id(counted.scope.kind, counted.scope.id, counted.day.isoformat())
    found = stored.get(key) or Bucket(counted.scope, counted.day, NO_DAY)
    for name, is_value, should in _numbers(found, counted):
        if not isclose(is_value, should, rel_tol=_TOLERANCE, abs_tol=1e-6):
            yield NumberDrift(key, name, is_value, should)


def _numbers(stored: Bucket, counted: Bucket) -> Iterator[tuple[str, float, float]]:
    one, other = stored.totals, counted.totals
    yield "unique_viewers", one.unique_viewers, other.unique_viewers
    for name in ("view_count", "total_seconds", "unique_seconds", "completed"):
        yield name, getattr(one.watched, name), getattr(other.watched, name)
    if counted.curve is not None:
        curve = stored.curve or Curve()
        for name in ("reach", "heat"):
            pairs = zip(getattr(curve, name), getattr(counted.curve, name), strict=True)
            yield from ((f"{name}.{point}", is_value, should) for point, (is_value, should) in enumerate(pairs))
