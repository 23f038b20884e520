"""Raw events, read in order to be judged anew, and changed together with all that counts them."""

from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any

from app.models.stats.events import EventType, Exclusion, ExclusionKind
from app.models.stats.periods import Interval, day_of
from app.models.stats.rescoring import JudgedRow, OwnPair, VerdictChange, is_same
from app.repositories.mongo import Document, Mongo, Session, driver_errors
from app.repositories.stats_dirt import track_keys
from app.repositories.stats_rows import exclusion_fields
from app.repositories.stats_tallies import RAW_COLLECTIONS
from app.repositories.stats_track_changes import EFFECT_FIELDS, TrackChanges, kind_of
from app.repositories.updates import update_rows

_PAGE = 1_000
_JUDGED_BY = dict.fromkeys(("trackId", "sessionId", "timestamp", "userId", "userAgent", "excluded"), 1)


class StatsRescoringRepository:
    """Reads pages of rows, and writes verdicts."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._db = mongo.db

    async def next_day(self, kind: EventType, within: Interval) -> datetime | None:
        """The first day with rows in the interval; `None` when there are none.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            first = await self._db[RAW_COLLECTIONS[kind]].find_one(
                _during(within), {"timestamp": 1}, sort=[("timestamp", 1)]
            )
        return None if first is None else day_of(first["timestamp"])

    async def hasty(self, within: Interval, plays_per_minute: int) -> frozenset[tuple[str, datetime]]:
        """Sessions with more plays than this in one minute of UTC, each with the start of that minute.

        Raises:
            Unavailable: the database is away.
        """
        minute = {"$dateTrunc": {"date": "$timestamp", "unit": "minute"}}
        pipeline: list[Document] = [
            {"$match": _during(within)},
            {"$group": {"_id": {"s": "$sessionId", "m": minute}, "n": {"$sum": 1}}},
            {"$match": {"n": {"$gt": plays_per_minute}}},
        ]
        with driver_errors(), self._mongo.patiently():
            plays = self._db[RAW_COLLECTIONS[EventType.PLAY]]
            found = await plays.aggregate(pipeline, allowDiskUse=True).to_list(None)
        return frozenset((str(one["_id"].get("s")), one["_id"]["m"]) for one in found)

    def pages(self, kind: EventType, within: Interval) -> AsyncIterator[list[JudgedRow]]:
        """All rows of the interval, a thousand at a time; raises `Unavailable` when the database is away."""
        return self._pages(kind, _during(within))

    def plays_of(self, user_id: str) -> AsyncIterator[list[JudgedRow]]:
        """All plays of a user; raises as `pages`."""
        return self._pages(EventType.PLAY, {"userId": user_id})

    async def _pages(self, kind: EventType, which: Document) -> AsyncIterator[list[JudgedRow]]:
        with driver_errors():
            cursor = self._db[RAW_COLLECTIONS[kind]].find(which, _JUDGED_BY).batch_size(_PAGE)
            while page := await cursor.to_list(_PAGE):
                yield [_to_judged(row) for row in page if "trackId" in row]

    async def user_of(self, artist_id: str) -> str | None:
        """The user whose artist this is; `None` when there is no such artist, or it is nobody's.

        Raises:
            Unavailable: the database is away.
        """
        with driver_errors():
            found = await self._db["artists"].find_one({"_id": {"$in": track_keys([artist_id])}}, {"userId": 1})
        user_id = (found or {}).get("userId")
        return user_id if isinstance(user_id, str) else None

    async def own(self, pairs: AbstractSet[OwnPair]) -> set[OwnPair]:
        """Those of the pairs whose track belongs, now, to an artist of that user whose own plays are not counted.

        Raises:
            Unavailable: the database is away.
        """
        users = {user for user, _ in pairs}
        with driver_errors():
            which: Document = {"userId": {"$in": list(users)}, "excludeOwnPlays": True}
            artists = await self._db["artists"].find(which, {"userId": 1}).to_list(None)
            if not artists:
                return set()
            user_of = {str(artist["_id"]): artist["userId"] for artist in artists}
            played = track_keys({track for user, track in pairs if user in user_of.values()})
            tracks = await self._db["tracks"].find({"_id": {"$in": played}}, {"artistId": 1}).to_list(None)
        owners = {(user_of.get(str(track.get("artistId"))), str(track["_id"])) for track in tracks}
        return {pair for pair in pairs if pair in owners}

    async def judge(self, kind: EventType, changes: Sequence[VerdictChange]) -> list[VerdictChange]:
        """Give these rows their verdicts, move counters and mark days, in one transaction; what really changed.

        Safe to run again. Rows that are gone meanwhile are passed over.

        Raises:
            TransientFailure: nothing was written, or (`UNKNOWN`) perhaps all of it.
        """
        return await self._mongo.transaction(lambda session: self._judge(session, kind, changes))

    def _judge(self, session: Session, kind: EventType, changes: Sequence[VerdictChange]) -> list[VerdictChange]:
        rows = self._mongo.in_thread[RAW_COLLECTIONS[kind]]
        wanted = {change.key: change.after for change in changes}
        tracks = TrackChanges(kind)
        made: list[VerdictChange] = []
        for row in rows.find({"_id": {"$in": list(wanted)}}, EFFECT_FIELDS, session=session):
            before, after = _verdict(row), wanted[row["_id"]]
            if not is_same(before, after):
                tracks.is_judged(row, None if after is None else exclusion_fields(after))
                made.append(VerdictChange(row["_id"], before, after))
        if made:
            update_rows(rows, [_update(change) for change in made], session)
            tracks.write(session, self._mongo.in_thread)
        return made


def _during(within: Interval) -> Document:
    return {"timestamp": {"$gte": within.start, "$lt": within.end}}


def _update(change: VerdictChange) -> Document:
    if change.after is None:
        return {"q": {"_id": change.key}, "u": {"$unset": {"excluded": ""}}}
    return {"q": {"_id": change.key}, "u": {"$set": {"excluded": exclusion_fields(change.after)}}}


def _verdict(row: Document) -> Exclusion | None:
    excluded = row.get("excluded")
    kind = kind_of(excluded)
    if kind is None or excluded is None:
        return None
    return Exclusion(ExclusionKind(kind), str(excluded.get("reason") or ""), str(excluded.get("ruleVersion") or ""))


def _to_judged(row: Document) -> JudgedRow:
    return JudgedRow(
        key=row["_id"],
        track_id=str(row["trackId"]),
        session_id=str(row.get("sessionId")),
        timestamp=_moment(row.get("timestamp")),
        user_id=_text(row.get("userId")),
        user_agent=_text(row.get("userAgent")),
        verdict=_verdict(row),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None
