"""Many buckets at once, of tracks and of everything, with no more of them than is asked for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.models.stats.analytics import Bots, StoredBucket, Uniques
from app.models.stats.buckets import Split
from app.models.stats.periods import Granularity, Period
from app.models.stats.tallies import Tally
from app.repositories.mongo import Document, Mongo, Session
from app.repositories.stats_rollup_documents import COLLECTIONS, PERIOD_FIELDS, period_key, to_tally

Periods = Mapping[tuple[str, ...] | None, Sequence[Period]]
"""Buckets of tracks, and (`None`) of everything together."""

_WITHOUT_SKETCHES = {"listeners": 0, "bots.listeners": 0, "archived": 0, "asOf": 0}
# Most buckets have nothing of bots; an answer has hundreds of buckets. Nobody changes what is read here.
_NOTHING = Tally()
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
            split = Split(*(to_tally(one) if one else _NOTHING for one in _parts(stored)))
            uniques = Uniques(stored.get("uniquePlays") or 0, bool(stored.get("uniquePlaysIsEstimate")))
            yield StoredBucket(stored.get("trackId") or "", period, split, uniques)

    def sketches(self, session: Session, wanted: Periods, bots: Bots) -> Iterator[tuple[datetime, bytes]]:
        """The sketches of these buckets, with the starts of their periods; raises as `buckets`."""
        for period, stored in self._stored(session, wanted, _SKETCHES[bots]):
            for sketch in sketches_in(stored, bots):
                yield period.start, sketch

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
