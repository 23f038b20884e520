"""Whose bucket of the present day is made in this run, where reading all their rows again would be too much."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.models.stats.periods import day_of
from app.models.stats.tracks import Dirt
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.stats_dirt import NOT_ONLY_ADDED
from app.repositories.stats_rollup_documents import EVENT_FIELDS

# To make a bucket of the present day helps answers little: the next event marks it anew, and what is marked they read
# raw. With 5,000 events a second, reading the present hour twice a minute was half of what the database had to do.
READ_AGAIN_AT_ONCE = 35_000
"""So many rows of the present day a run reads again; days with fewer are made in every run."""

LONGEST_WAIT = timedelta(minutes=10)
"""After that a bucket is made whatever it takes."""

# A run every half minute reads so much of what waits that its turn comes before that.
_RUNS_FOR_ALL = 20


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A marked bucket, when it was made, and how many rows it was made of that have to be read again."""

    track_id: str
    made_at: datetime
    rows: int


class StatsDayTurns:
    """For use in the thread of a snapshot."""

    def __init__(self, mongo: Mongo, read_again: int) -> None:
        self._mongo = mongo
        self._read_again = read_again

    def due(self, session: Session, dirt: Sequence[Dirt], now: datetime) -> list[Dirt]:
        """These marks, but for those on the present day whose turn comes later.

        The oldest buckets come first, and days that have none yet. Where events were removed or judged anew, nothing
        waits.
        """
        day = day_of(now)
        marks = {one.track_id: one.hours[day] for one in dirt if day in one.days}
        added = {track_id: bits for track_id, bits in marks.items() if not bits & NOT_ONLY_ADDED}
        later = frozenset(self._later(list(self._waiting(session, day, added)), now))
        due = (_without(one, day) if one.track_id in later else one for one in dirt)
        return [one for one in due if one.days]

    def _waiting(self, session: Session, day: datetime, marks: Mapping[str, int]) -> Iterator[_Waiting]:
        pipeline = [{"$match": {"date": day, "trackId": {"$in": list(marks)}}}, {"$project": _ROWS}]
        for row in self._mongo.in_thread["daily_stats"].aggregate(pipeline, session=session):
            hours, bits = row["hours"], marks[row["trackId"]]
            of_hours = (hour["rows"] for hour in hours or () if bits >> int(hour["hour"]) & 1)
            yield _Waiting(row["trackId"], row["madeAt"], row["rows"] if hours is None else sum(of_hours))

    def _later(self, waiting: Sequence[_Waiting], now: datetime) -> Iterator[str]:
        left = max(self._read_again, sum(one.rows for one in waiting) // _RUNS_FOR_ALL)
        for one in sorted(waiting, key=lambda of_track: of_track.made_at):
            if left <= 0 and one.made_at > now - LONGEST_WAIT:
                yield one.track_id
            left -= one.rows


def _without(dirt: Dirt, day: datetime) -> Dirt:
    return dirt.of_days(one for one in dirt.days if one != day)


def _events(*places: str) -> Document:
    """How many events a document has in these places; what is missing is nothing."""
    return {"$sum": [f"{place}.{field}" for place in places for field in EVENT_FIELDS]}


# When another program has made a bucket is perhaps not known.
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_ROWS_OF_HOUR = {"hour": "$$this.k", "rows": _events(*(f"$$this.v.{name}" for name in ("counted", "bots", "own")))}
_ROWS: Document = {
    "_id": 0,
    "trackId": 1,
    "madeAt": {"$convert": {"input": "$updatedAt", "to": "date", "onError": _LONG_AGO, "onNull": _LONG_AGO}},
    "rows": _events("$$ROOT", "$bots", "$own"),
    "hours": {"$map": {"input": {"$objectToArray": "$hours"}, "in": _ROWS_OF_HOUR}},
}
"""By hour where hours are kept; those are null where they are not."""
