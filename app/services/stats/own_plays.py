"""An artist's own plays, judged anew when `excludeOwnPlays` was switched or a track has changed hands."""

from collections.abc import AsyncIterator
from typing import Protocol

from app.models.stats.events import OWN_PLAY, EventType, ExclusionKind
from app.models.stats.rescoring import JudgedRow, RescoreReport
from app.services.pieces import Pieces
from app.services.stats.rescoring import JudgedRows, changes_to, own_rows, settle


class OwnRows(JudgedRows, Protocol):
    """Raw events by their user."""

    async def user_of(self, artist_id: str) -> str | None:
        """The user whose artist this is."""
        ...

    def plays_of(self, user_id: str) -> AsyncIterator[list[JudgedRow]]:
        """All plays of a user, in pages."""
        ...


class OwnPlays:
    """Brings the verdicts on a user's plays in line with what is said of their artist now."""

    def __init__(self, rows: OwnRows) -> None:
        self._rows = rows

    async def rejudge(self, artist_id: str) -> None:
        """Judge all raw plays of the artist's user; call it after the switch was flipped.

        After a track has changed hands, call it for both artists. An artist who is nobody's has no own plays.
        Safe to run twice or to be cut off.

        Raises:
            Unavailable: the database is away, or a row is written all the time.
        """
        user_id = await self._rows.user_of(artist_id)
        if user_id is not None:
            await self.rejudge_user(user_id)

    async def rejudge_user(self, user_id: str) -> RescoreReport:
        """Judge all raw plays of a user; raises as `rejudge`."""
        report, pieces = RescoreReport(), Pieces()
        async for page in self._rows.plays_of(user_id):
            # A bot stays one: that goes before, and does not depend on the artist.
            people = [row for row in page if row.verdict is None or row.verdict.kind is ExclusionKind.OWN]
            own = await own_rows(self._rows, people)
            wanted = {row.key: OWN_PLAY if row.key in own else None for row in people}
            await settle(self._rows, EventType.PLAY, changes_to(people, wanted), pieces, report)
            report.looked += len(page)
        return report
