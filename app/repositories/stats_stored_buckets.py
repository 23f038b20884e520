"""Many buckets at once, of tracks and of everything, with no more of them than is asked for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.models.stats.analytics import Bots, StoredBucket, Uniques
from app.models.stats.buckets import Split
from app.models.stats.periods import Granularity, Period, day_of
from app.models.stats.tallies import Tally
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.stats_rollup_documents import COLLECTIONS, PERIOD_FIELDS, period_key, to_tally

Periods = Mapping[tuple[str, ...] | None, Sequence[Period]]
"""Buckets of tracks, and (`None`) of everything together."""

_WITHOUT_SKETCHES = {"listeners": 0, "bots.listeners": 0, "archived": 0, "hours": 0, "asOf": 0}
# Most buckets have nothing of bots; an answer has hundreds of buckets. Nobody changes what is read here.
_NOTHING = Tally()
# Days whose hours are kept, and while all their rows are here: nobody knows of which hours the others were.
_HAVE_HOURS: Document = {"hours": {"$exists": True}, "archived": {"$exists": False}}
_UNKNOWN = Uniques(is_estimate=True)
_KEYS = dict.fromkeys(("granularity", "start", *PERIOD_FIELDS.values()), 1)
_SKETCHES = {
    Bots.EXCLUDE: {**_KEYS, "listeners": 1},
    Bots.INCLUDE: {**_KEYS, "listeners": 1, "bots.listeners": 1},
}


class StoredBucketRepository:
    """Reads buckets by their keys; for use in the thread of a snapshot."""

    def __init__(self, mongo: Mongo) -> None:
        self._db = mongo.in_thread

    def buckets(self, session: Session, wanted: Periods) -> Iterator[StoredBucket]:
        """Those of these buckets that exist, without their sketches.

        Raises:
            PyMongoError: as every read; the caller's snapshot translates it.
        """
        for period, stored in self._stored(session, wanted, _WITHOUT_SKETCHES):
            uniques = Uniques(stored.get("uniquePlays") or 0, bool(stored.get("uniquePlaysIsEstimate")))
            yield StoredBucket(stored.get("trackId") or "", period, _split(_parts(stored)), uniques)
        yield from self._hours(session, wanted)

    def sketches(self, session: Session, wanted: Periods, bots: Bots) -> Iterator[tuple[datetime, bytes]]:
        """The sketches of these buckets, with the starts of their periods; raises as `buckets`."""
        for period, stored in self._stored(session, wanted, _SKETCHES[bots]):
            for sketch in sketches_in(stored, bots):
                yield period.start, sketch

    def with_hours(
        self, session: Session, days: Collection[datetime], track_ids: Collection[str]
    ) -> dict[str, list[datetime]]:
        """Those of these days, by track, whose buckets tell what their hours add up to; raises as `buckets`."""
        found: defaultdict[str, list[datetime]] = defaultdict(list)
        if days and track_ids:
            which = {"date": {"$in": list(days)}, "trackId": {"$in": list(track_ids)}} | _HAVE_HOURS
            for row in self._find(session, "daily_stats", which, {"_id": 0, "trackId": 1, "date": 1}):
                found[row["trackId"]].append(row["date"])
        return found

    def _hours(self, session: Session, wanted: Periods) -> Iterator[StoredBucket]:
        """Hours of tracks, which lie in the buckets of their days; without anything about listeners."""
        places = _places(wanted)
        days: defaultdict[tuple[datetime, ...], list[str]] = defaultdict(list)
        for track_id, of_track in places.items():
            days[tuple(of_track)].append(track_id)
        clauses = [{"date": {"$in": list(of)}, "trackId": {"$in": ids}} | _HAVE_HOURS for of, ids in days.items()]
        shown = {"_id": 0, "trackId": 1, "date": 1, "hours": 1}
        for row in self._find(session, "daily_stats", {"$or": clauses}, shown) if clauses else ():
            for period in places[row["trackId"]][row["date"]]:
                if stored := row["hours"].get(str(period.start.hour)):
                    parts = (stored.get(name) for name in ("counted", "bots", "own"))
                    yield StoredBucket(row["trackId"], period, _split(parts), _UNKNOWN)

    def _stored(self, session: Session, wanted: Periods, shown: Document) -> Iterator[tuple[Period, Document]]:
        platform = {(one.granularity.value, one.start): one for one in wanted.get(None, ())}
        if platform:
            for row in self._find(session, "platform_stats", _in_platform(platform.values()), shown):
                yield platform[row["granularity"], row["start"]], row
        for granularity, collection in COLLECTIONS.items():
            yield from self._of_tracks(session, wanted, granularity, collection, shown)

    def _of_tracks(
        self, session: Session, wanted: Periods, granularity: Granularity, collection: str, shown: Document
    ) -> Iterator[tuple[Period, Document]]:
        field = PERIOD_FIELDS[granularity]
        periods: dict[Any, Period] = {}
        clauses: list[Document] = []
        for track_ids, of_tracks in wanted.items():
            keys = {period_key(one): one for one in of_tracks if one.granularity is granularity}
            if keys and track_ids is not None:
                clauses.append({"trackId": {"$in": list(track_ids)}, field: {"$in": list(keys)}})
                periods |= keys
        for row in self._find(session, collection, {"$or": clauses}, shown) if clauses else ():
            yield periods[row[field]], row

    def _find(self, session: Session, collection: str, which: Document, shown: Document) -> Iterable[Document]:
        return self._db[collection].find(which, shown, session=session)


def _places(wanted: Periods) -> dict[str, dict[datetime, list[Period]]]:
    """The hours among these, by track and day."""
    found: dict[str, dict[datetime, list[Period]]] = {}
    for track_ids, periods in wanted.items():
        days: defaultdict[datetime, list[Period]] = defaultdict(list)
        for one in periods:
            if one.granularity is Granularity.HOUR:
                days[day_of(one.start)].append(one)
        for track_id in (track_ids or ()) if days else ():
            found[track_id] = found.get(track_id, {}) | days
    return found


def _split(parts: Iterable[Document | None]) -> Split:
    return Split(*(to_tally(one) if one else _NOTHING for one in parts))


def _parts(stored: Document) -> tuple[Document, Document, Document]:
    return stored, stored.get("bots") or {}, stored.get("own") or {}


def sketches_in(stored: Document, bots: Bots) -> list[bytes]:
    """The sketches of a bucket's document; with bots, both."""
    parts = _parts(stored)[: 2 if bots is Bots.INCLUDE else 1]
    return [bytes(sketch) for sketch in (part.get("listeners") for part in parts) if sketch]


def _in_platform(periods: Iterable[Period]) -> Document:
    starts: dict[str, list[datetime]] = {}
    for one in periods:
        starts.setdefault(one.granularity.value, []).append(one.start)
    return {"$or": [{"granularity": name, "start": {"$in": of_one}} for name, of_one in starts.items()]}
