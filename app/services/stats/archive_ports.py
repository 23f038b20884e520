"""What archiving needs from outside: the raw rows, the book of parts, a place for files, rollups and a lease."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from app.errors import Failed
from app.models.stats.archive import ArchivedEvent, Contents, Part, PartState, Removal
from app.models.stats.events import EventType


class Damaged(Failed):
    """A file of the archive is not there, cannot be read, or is not what was written."""


class ArchivableEvents(Protocol):
    """Raw events, on their way out of the database."""

    async def next_day(self, kind: EventType, after: datetime, before: datetime) -> datetime | None:
        """The first day (midnight) from `after` on that has events that happened before `before`.

        Raises:
            Unavailable: the database is away.
        """
        ...

    async def is_rolled_up(self, kind: EventType, day: datetime) -> bool:
        """Whether every bucket of the day is there and right, as far as it has events of this type.

        Raises:
            Unavailable: the database is away.
        """
        ...

    def pages(self, kind: EventType, day: datetime) -> Iterator[list[ArchivedEvent]]:
        """All events of the day, some thousands at a time; blocking, for use in a thread.

        Raises:
            Unavailable: the database is away.
        """
        ...

    async def remove(self, kind: EventType, day: datetime, ids: Sequence[str]) -> Removal:
        """Remove these rows and add them to `archived` of their buckets, in one transaction.

        A row is held back when its track's day is marked or has no bucket; one that is gone already is passed over.

        Raises:
            TransientFailure: run it again; with `UNKNOWN` it may have been done.
        """
        ...


class ArchiveParts(Protocol):
    """The book of all files of the archive."""

    async def begin(self, kind: EventType, day: datetime, at: datetime) -> Part:
        """Give out the next number of the day.

        Raises:
            Conflict: somebody else was given it.
            Unavailable: the database is away.
        """
        ...

    async def advance(self, part: Part, state: PartState, at: datetime, contents: Contents, size: int) -> Part:
        """Move a part on to the next state, with what it holds and its size in bytes.

        Raises:
            Conflict: it is not any more in the state that the caller knows.
            Unavailable: the database is away.
        """
        ...

    async def finish(self, part: Part, at: datetime) -> None:
        """Note that the last row of a verified part has left the database.

        Raises:
            Unavailable: the database is away.
        """
        ...

    async def abandon(self, part: Part, at: datetime) -> bool:
        """Give up a part, however far it has come; false when it is verified, and must stay.

        Raises:
            Unavailable: the database is away.
        """
        ...

    async def verified(self) -> list[Part]:
        """All parts whose rows are being removed, by day.

        Raises:
            Unavailable: the database is away.
        """
        ...

    async def leftovers(self, since: datetime) -> list[Part]:
        """All parts that were begun and not verified, and those that were abandoned since this moment.

        Raises:
            Unavailable: the database is away.
        """
        ...


class ArchiveStore(Protocol):
    """A place for files; paths are relative to it. All of it is blocking, for use in a thread."""

    def open(self) -> None:
        """Find out whether the place can be reached at all.

        Raises:
            Invalid: it is of a kind that nothing is installed for.
        """
        ...

    def write(self, path: str, kind: EventType, pages: Iterable[list[ArchivedEvent]]) -> int:
        """Write all pages into one new file, which appears under its name when it is whole; returns its bytes.

        Raises:
            Failed: it could not be written.
        """
        ...

    def read_back(self, path: str) -> Contents:
        """Read a whole file, all columns of it, and tell which rows it holds.

        Raises:
            Damaged: it is not there, or cannot be read to its end.
        """
        ...

    def ids(self, path: str, at_once: int) -> Generator[list[str], None, None]:
        """The ids of the rows of a file, so many at a time.

        Raises:
            Damaged: as `read_back`.
        """
        ...

    def remove(self, path: str) -> None:
        """Remove a file, and what a cut-off write has left of it; nothing happens when there is none.

        Raises:
            Failed: it could not be removed.
        """
        ...


class Rollups(Protocol):
    """Who makes buckets right."""

    async def run(self) -> object:
        """Make every marked bucket anew."""
        ...


class Leases(Protocol):
    """Who of many processes may do what only one may."""

    async def acquire(self, name: str, owner: str, lifetime: timedelta) -> bool:
        """Take the lease, or keep it when it is ours already."""
        ...

    async def release(self, name: str, owner: str) -> None:
        """Give it back."""
        ...
