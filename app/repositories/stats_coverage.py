"""The collection `rollup_state`: from which day on buckets are made at all; and which days there is anything on."""

from datetime import datetime

from app.models.stats.periods import Granularity, Interval
from app.models.stats.rollups import EVER
from app.repositories.mongo import Document, Mongo, driver_errors
from app.repositories.stats_tallies import RAW_COLLECTIONS

_COVERAGE: Document = {"_id": "coverage"}
_TIMESTAMPS = dict.fromkeys(RAW_COLLECTIONS.values(), "timestamp")


class StatsCoverageRepository:
    """Knows how far back buckets reach, and how far back they should."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._state = mongo.db["rollup_state"]

    async def covered_from(self) -> datetime | None:
        """The first day whose buckets may be trusted; `None` when none may.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            state = await self._state.find_one(_COVERAGE)
        return state["from"] if state else None

    async def extend(self, start: datetime) -> None:
        """From now on this day and all after it may be trusted; never takes a day away.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            await self._state.update_one(_COVERAGE, {"$min": {"from": start}}, upsert=True)

    async def last_day(self, interval: Interval) -> datetime | None:
        """The last day in the interval that has events or buckets.

        Raises:
            Unavailable: the database is away.
        """
        times = await self._times(_TIMESTAMPS | {"daily_stats": "date"}, interval, -1)
        return max((Granularity.DAY.start_of(one) for one in times), default=None)

    async def first_day(self) -> datetime | None:
        """The first day that has events.

        Raises:
            Unavailable: the database is away.
        """
        return min((Granularity.DAY.start_of(one) for one in await self._times(_TIMESTAMPS, EVER, 1)), default=None)

    async def _times(self, fields: dict[str, str], interval: Interval, direction: int) -> list[datetime]:
        """The last (-1) or the first (1) time in the interval, of each of these collections that has one."""
        found: list[datetime] = []
        with driver_errors(), self._mongo.patiently():
            for collection, field in fields.items():
                within = {field: {"$gte": interval.start, "$lt": interval.end}}
                row = await self._mongo.db[collection].find_one(within, {field: 1}, sort=[(field, direction)])
                if row is not None:
                    found.append(row[field])
        return found
