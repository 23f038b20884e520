"""Tallies straight from the raw events: the truth that buckets are made of and compared with."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.models.stats.buckets import Split
from app.models.stats.events import Action, EventType, ExclusionKind
from app.models.stats.periods import Granularity, Interval
from app.models.stats.tallies import SUMS, Breakdown, Tally
from app.repositories.mongo import Document, Mongo, Session

RAW_COLLECTIONS: Mapping[EventType, str] = {
    EventType.PLAY: "play_events",
    EventType.LIKE: "like_events",
    EventType.SAVE: "save_events",
    EventType.SHARE: "share_events",
    EventType.DOWNLOAD: "download_events",
}

_NUMBER_OF = {"duration": "duration", "completion": "completionRate"}
_ACTIONS = {Action.LIKE: "likes", Action.UNLIKE: "unlikes", Action.SAVE: "saves", Action.UNSAVE: "unsaves"}
_MILLISECONDS = {Granularity.HOUR: 3_600_000, Granularity.DAY: 86_400_000}
_LISTENER = {"_id": 0, "t": "$trackId", "x": "$excluded.kind", "s": "$sessionId"}
_SECOND_VERDICTS = {kind.value: kind for kind in ExclusionKind}


@dataclass(frozen=True, slots=True)
class Slice:
    """Events of an interval; of some tracks, or (`None`) of all."""

    interval: Interval
    track_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """What a tally is of: a track and the start of a period, as far as the tallies were asked for by these."""

    track_id: str | None = None
    start: datetime | None = None


@dataclass(frozen=True, slots=True)
class By:
    """What the tallies are asked for by."""

    track: bool = False
    granularity: Granularity | None = None


_AT_ONCE = By()


class StatsTallyRepository:
    """Adds up raw events in the database; for use in the thread of a transaction or of a snapshot."""

    def __init__(self, mongo: Mongo) -> None:
        self._db = mongo.in_thread

    def tallies(
        self,
        session: Session,
        slices: Sequence[Slice],
        by: By = _AT_ONCE,
        kinds: Collection[EventType] = tuple(EventType),
    ) -> dict[Key, Split]:
        """What the events in any of the slices add up to; slices must not overlap, and keys without events are absent.

        Raises:
            PyMongoError: as every read; the caller's transaction or snapshot translates it.
        """
        found: dict[Key, Split] = {}
        wanted = [one for one in slices if not one.interval.is_empty and one.track_ids != ()]
        if not wanted:
            return found
        for kind in kinds:
            collection = RAW_COLLECTIONS[kind]
            pipeline = [{"$match": in_any(wanted)}, {"$group": _GROUPS[kind] | {"_id": _key(by) | _PARTS[kind]}}]
            for row in self._db[collection].aggregate(pipeline, session=session, allowDiskUse=True):
                split = found.setdefault(_to_key(row["_id"]), Split())
                split.of(_verdict(row["_id"])).add(_TALLIES[kind](row))
        return found

    def of_rows(self, session: Session, kind: EventType, which: Document, by: By = _AT_ONCE) -> dict[Key, Split]:
        """What the events of one type that a filter finds add up to; keys without events are absent.

        Raises:
            PyMongoError: as `tallies`.
        """
        found: dict[Key, Split] = {}
        pipeline: list[Document] = [{"$match": which}, {"$group": _GROUPS[kind] | {"_id": _key(by) | _PARTS[kind]}}]
        for row in self._db[RAW_COLLECTIONS[kind]].aggregate(pipeline, session=session):
            split = found.setdefault(_to_key(row["_id"]), Split())
            split.of(_verdict(row["_id"])).add(_TALLIES[kind](row))
        return found

    def sessions(
        self, session: Session, slices: Sequence[Slice], by: By = _AT_ONCE
    ) -> Iterator[tuple[Key, ExclusionKind | None, str]]:
        """Every session that played in any of the slices, once for each key and verdict.

        Raises:
            PyMongoError: as `tallies`.
        """
        wanted = [one for one in slices if not one.interval.is_empty and one.track_ids != ()]
        if not wanted:
            return
        group = {"_id": _key(by) | {"x": "$excluded.kind", "s": "$sessionId"}}
        pipeline: list[Document] = [{"$match": in_any(wanted)}, {"$group": group}]
        for row in self._db["play_events"].aggregate(pipeline, session=session, allowDiskUse=True):
            yield _to_key(row["_id"]), _verdict(row["_id"]), row["_id"].get("s") or ""

    def listeners(self, session: Session, one: Slice) -> Iterator[tuple[object, ExclusionKind | None, str]]:
        """The track, the verdict and the session of each play in a slice; for who forgets what comes twice.

        To find out in the database who comes twice takes as long as to read all of them, and few do.

        Raises:
            PyMongoError: as `tallies`.
        """
        for row in self._db["play_events"].find(_in_slice(one), _LISTENER, session=session):
            yield row.get("t"), _verdict(row), row.get("s") or ""


def in_any(slices: Sequence[Slice]) -> Document:
    """The filter for events in any of these slices."""
    parts = [_in_slice(one) for one in slices]
    return parts[0] if len(parts) == 1 else {"$or": parts}


def _in_slice(one: Slice) -> Document:
    within: Document = {"timestamp": {"$gte": one.interval.start, "$lt": one.interval.end}}
    if one.track_ids is None:
        return within
    ids = one.track_ids
    return {"trackId": ids[0] if len(ids) == 1 else {"$in": list(ids)}} | within


def _key(by: By) -> Document:
    key: Document = {"t": "$trackId"} if by.track else {}
    if by.granularity is not None:
        key["p"] = _start_of(by.granularity)
    return key


def _start_of(granularity: Granularity) -> Document:
    """The start of the period of an event; arithmetic, where it can be, since `$dateTrunc` is a fifth of a tally."""
    if granularity in _MILLISECONDS:
        return {"$subtract": ["$timestamp", {"$mod": [{"$toLong": "$timestamp"}, _MILLISECONDS[granularity]]}]}
    unit: Document = {"date": "$timestamp", "unit": granularity.value}
    return {"$dateTrunc": unit | ({"startOfWeek": "monday"} if granularity is Granularity.WEEK else {})}


def _to_key(group: Document) -> Key:
    return Key(group.get("t"), group.get("p"))


def _verdict(group: Document) -> ExclusionKind | None:
    return _SECOND_VERDICTS.get(group.get("x") or "")


def _count_of(field: str) -> Document:
    return {"$sum": {"$cond": [{"$isNumber": f"${field}"}, 1, 0]}}


def _count_if(field: str) -> Document:
    return {"$sum": {"$cond": [{"$eq": [f"${field}", True]}, 1, 0]}}


_EACH: Document = {"n": {"$sum": 1}}
_GROUPS: Mapping[EventType, Document] = {
    EventType.PLAY: _EACH
    | {f"{name}_sum": {"$sum": f"${field}"} for name, field in _NUMBER_OF.items()}
    | {f"{name}_count": _count_of(field) for name, field in _NUMBER_OF.items()}
    | {name: _count_if(name) for name in ("skipped", "replayed")},
    EventType.LIKE: _EACH,
    EventType.SAVE: _EACH,
    EventType.SHARE: _EACH,
    EventType.DOWNLOAD: _EACH,
}
_EXCLUDED: Document = {"x": "$excluded.kind"}
_PARTS: Mapping[EventType, Document] = {
    EventType.PLAY: _EXCLUDED | {"source": "$source", "country": "$country"},
    EventType.LIKE: _EXCLUDED | {"action": "$action"},
    EventType.SAVE: _EXCLUDED | {"action": "$action"},
    EventType.SHARE: _EXCLUDED | {"platform": "$platform"},
    EventType.DOWNLOAD: _EXCLUDED,
}


def _plays(row: Document) -> Tally:
    tally = Tally(plays=row["n"], **{name: row[name] for name in SUMS if name in row})
    _count_in(tally.sources, row["_id"].get("source"), row["n"])
    _count_in(tally.countries, row["_id"].get("country"), row["n"])
    return tally


def _actions(row: Document) -> Tally:
    name = _ACTIONS.get(row["_id"].get("action"))
    return Tally(**{name: row["n"]}) if name else Tally()


def _shares(row: Document) -> Tally:
    tally = Tally(shares=row["n"])
    _count_in(tally.platforms, row["_id"].get("platform"), row["n"])
    return tally


def _downloads(row: Document) -> Tally:
    return Tally(downloads=row["n"])


def _count_in(breakdown: Breakdown, name: object, count: int) -> None:
    if isinstance(name, str) and name:
        breakdown[name] = breakdown.get(name, 0) + count


_TALLIES = {
    EventType.PLAY: _plays,
    EventType.LIKE: _actions,
    EventType.SAVE: _actions,
    EventType.SHARE: _shares,
    EventType.DOWNLOAD: _downloads,
}
