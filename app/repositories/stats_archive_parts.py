"""The collection `archive_parts`: every file of the archive of raw events, and how far it has come."""

from collections.abc import Collection
from datetime import datetime

from pymongo.errors import DuplicateKeyError

from app.errors import Conflict
from app.models.stats.archive import Contents, Part, PartState
from app.models.stats.events import EventType
from app.repositories.mongo import Document, Mongo, driver_errors
from app.repositories.stats_tallies import RAW_COLLECTIONS

_TAKEN = "The archive is being written by another process"
_CUT_OFF = (PartState.BEGUN, PartState.WRITTEN)


class ArchivePartRepository:
    """The book of parts; a number of a day is given out once, and a part moves on only from a state that is known."""

    def __init__(self, mongo: Mongo) -> None:
        self._parts = mongo.db["archive_parts"]

    async def begin(self, kind: EventType, day: datetime, at: datetime) -> Part:
        """Give out the next number of the day.

        Raises:
            Conflict: somebody else was given it.
            Unavailable: the database is away.
        """
        with driver_errors():
            last = await self._parts.find_one({"type": kind.value, "day": day}, {"part": 1}, sort=[("part", -1)])
            number = (last["part"] if last else 0) + 1
            part = Part(kind, day, number, _path(kind, day, number), PartState.BEGUN)
            try:
                await self._parts.insert_one(_key(part) | {"path": part.path, "state": part.state.value, "begunAt": at})
            except DuplicateKeyError as error:
                raise Conflict(_TAKEN) from error
        return part

    async def advance(self, part: Part, state: PartState, at: datetime, contents: Contents, size: int) -> Part:
        """Move a part on to the next state, with what it holds and its size in bytes.

        Raises:
            Conflict: it is not any more in the state that the caller knows.
            Unavailable: the database is away.
        """
        held = {"rows": contents.rows, "checksum": contents.checksum, "bytes": size}
        if not await self._move(part, state, at, held):
            raise Conflict(_TAKEN)
        return Part(part.kind, part.day, part.number, part.path, state, contents.rows, contents.checksum)

    async def finish(self, part: Part, at: datetime) -> None:
        """Note that the last row of a verified part has left the database; another process may have noted it already.

        Raises:
            Unavailable: the database is away.
        """
        await self._move(part, PartState.REMOVED, at, {})

    async def abandon(self, part: Part, at: datetime) -> bool:
        """Give up a part, however far it has come; false when it is verified, and must stay.

        Raises:
            Unavailable: the database is away.
        """
        return await self._move(part, PartState.ABANDONED, at, {}, known=_CUT_OFF)

    async def verified(self) -> list[Part]:
        """All parts whose rows are being removed, by day.

        Raises:
            Unavailable: the database is away.
        """
        return await self._find({"state": PartState.VERIFIED.value})

    async def leftovers(self, since: datetime) -> list[Part]:
        """All parts that were begun and not verified, and those that were abandoned since this moment.

        Raises:
            Unavailable: the database is away.
        """
        lately = {"state": PartState.ABANDONED.value, "abandonedAt": {"$gte": since}}
        return await self._find({"$or": [{"state": {"$in": _values(_CUT_OFF)}}, lately]})

    async def _find(self, wanted: Document) -> list[Part]:
        with driver_errors():
            return [_to_part(row) async for row in self._parts.find(wanted).sort([("day", 1), ("part", 1)])]

    async def _move(
        self, part: Part, state: PartState, at: datetime, held: Document, known: Collection[PartState] = ()
    ) -> bool:
        which = _key(part) | {"state": {"$in": _values(known or {part.state})}}
        change = {"$set": {"state": state.value, f"{state.value}At": at, **held}}
        with driver_errors():
            return bool((await self._parts.update_one(which, change)).matched_count)


def _path(kind: EventType, day: datetime, number: int) -> str:
    return f"{RAW_COLLECTIONS[kind]}/date={day:%Y-%m-%d}/part-{number:04d}.parquet"


def _values(states: Collection[PartState]) -> list[str]:
    return [state.value for state in states]


def _key(part: Part) -> Document:
    return {"type": part.kind.value, "day": part.day, "part": part.number}


def _to_part(row: Document) -> Part:
    return Part(
        kind=EventType(row["type"]),
        day=row["day"],
        number=row["part"],
        path=row["path"],
        state=PartState(row["state"]),
        rows=row.get("rows") or 0,
        checksum=row.get("checksum") or "",
    )
