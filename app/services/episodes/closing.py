"""Closes views whose players have fallen silent; they keep what they have."""

from app.clock import Clock
from app.models.jobs import Summary
from app.services.episodes.watch_ports import SilentViews

_PIECE = 1_000


class ClosingService:
    """A view that is closed opens again by its next beat."""

    def __init__(self, views: SilentViews, clock: Clock) -> None:
        self._views = views
        self._clock = clock

    async def run(self) -> Summary:
        """Close all views without a sign for half an hour, in pieces.

        Raises:
            Unavailable: the database is away; the next run closes the rest.
        """
        now, closed, looked = self._clock.now(), 0, _PIECE
        while looked == _PIECE:
            looked, silent = await self._views.close_silent(now, _PIECE)
            closed += silent
        return {"closed": closed}
