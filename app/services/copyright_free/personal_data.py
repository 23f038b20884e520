"""What this wing stores about a person: views, likes and bookmarks."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from app.models.privacy import Row, RowKey
from app.models.songs import SongCounts
from app.services.copyright_free.announcements import Announcements
from app.services.privacy import PersonalData, PersonalRows


class SongRows(Protocol):
    """Rows that songs count."""

    def read(self, user_id: str) -> AsyncIterator[Row]:
        """All rows of the user."""
        ...

    async def pick(self, user_id: str, limit: int) -> Sequence[RowKey]:
        """The keys of some rows of the user."""
        ...

    async def take(self, user_id: str, keys: Sequence[RowKey]) -> tuple[int, list[SongCounts]]:
        """Remove rows and lower counters in one transaction."""
        ...


def personal_data(
    views: SongRows, likes: SongRows, bookmarks: SongRows, announcements: Announcements
) -> tuple[PersonalData, ...]:
    """The three kinds, as `PrivacyService` takes them."""
    kinds = {"views": views, "likes": likes, "bookmarks": bookmarks}
    return tuple(PersonalRows(name, _Announced(rows, announcements)) for name, rows in kinds.items())


class _Announced:
    """Tells listeners of lowered counts after each commit.

    They see fewer likes and bookmarks at once; views never fall for who is listening, as after a repaired count.
    """

    def __init__(self, rows: SongRows, announcements: Announcements) -> None:
        self._rows = rows
        self._announcements = announcements

    def read(self, user_id: str) -> AsyncIterator[Row]:
        """All rows of the user."""
        return self._rows.read(user_id)

    async def pick(self, user_id: str, limit: int) -> Sequence[RowKey]:
        """The keys of some rows of the user."""
        return await self._rows.pick(user_id, limit)

    async def remove(self, user_id: str, keys: Sequence[RowKey]) -> int:
        """Remove rows with what they count, and tell the listeners."""
        gone, counts = await self._rows.take(user_id, keys)
        self._announcements.announce(counts)
        return gone
