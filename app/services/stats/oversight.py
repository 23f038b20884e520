"""What admins watch besides sums: rollups that are due, programs that play, and how much is stored."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.clock import Clock
from app.models.stats.oversight import Backlog, BotRanking, BotStanding, Holdings, RollupLag
from app.models.stats.periods import TimeRange
from app.models.stats.rollups import EVER

BOTS_SHOWN = 10
PLAYS_LOOKED_AT = 50_000
"""Plays of bots that one answer reads at most: 0.2 s."""

_COLLECTIONS = (
    "songs", "views", "likes", "bookmarks", "artists", "tracks", "playlists", "play_events", "like_events",
    "save_events", "share_events", "download_events", "licensed_tracks",
)  # fmt: skip


class Marks(Protocol):
    """Marks on days whose buckets are out of date."""

    async def backlog(self) -> Backlog:
        """How many there are, and since when."""
        ...


class Covered(Protocol):
    """Knows how far back buckets reach."""

    async def covered_from(self) -> datetime | None:
        """The first day whose buckets may be trusted."""
        ...


class Bots(Protocol):
    """Ranks programs by their plays."""

    async def ranking(self, since: datetime, plays: int, limit: int) -> list[BotStanding]:
        """The reasons with the most among the latest `plays` since a moment."""
        ...


class Sizes(Protocol):
    """Tells how much is stored."""

    async def of(self, names: Sequence[str]) -> dict[str, int]:
        """The number of documents of each collection."""
        ...


class OversightService:
    """Answers about the state of the statistics; each in a bounded time."""

    def __init__(self, marks: Marks, covered: Covered, bots: Bots, sizes: Sizes, clock: Clock) -> None:
        self._marks = marks
        self._covered = covered
        self._bots = bots
        self._sizes = sizes
        self._clock = clock

    async def rollup_lag(self) -> RollupLag:
        """How far rollups are behind.

        Raises:
            Unavailable: the database is away.
        """
        backlog, covered = await self._marks.backlog(), await self._covered.covered_from()
        return RollupLag(self._clock.now(), backlog, covered)

    async def top_bots(self, time_range: TimeRange) -> BotRanking:
        """Who plays most of what is set aside, over the latest 50,000 plays of bots in the range.

        Raises:
            Unavailable: the database is away.
        """
        length = time_range.length
        since = EVER.start if length is None else self._clock.now() - length
        found = await self._bots.ranking(since, PLAYS_LOOKED_AT, BOTS_SHOWN)
        looked_at = sum(one.plays for one in found)
        return BotRanking(time_range, looked_at, looked_at < PLAYS_LOOKED_AT, tuple(found))

    async def holdings(self) -> Holdings:
        """How many documents there are of each kind.

        Raises:
            Unavailable: the database is away.
        """
        return Holdings(self._clock.now(), await self._sizes.of(_COLLECTIONS))
