"""The state of the statistics as it is shown to admins."""

from typing import Self

from app.models.stats.oversight import BotRanking, BotStanding, Holdings, RollupLag
from app.models.stats.periods import TimeRange
from app.models.wire.base import CamelModel, Moment


class RollupLagShown(CamelModel):
    """Days of tracks that wait to be rolled up, and how long the oldest has; answers are right meanwhile.

    Not `complete` when more tracks wait than were looked at. `coveredFrom` is the first day with buckets.
    """

    checked_at: Moment
    tracks: int
    days: int
    oldest_at: Moment | None
    lag_seconds: float
    complete: bool
    covered_from: Moment | None

    @classmethod
    def of(cls, lag: RollupLag) -> Self:
        """Show it."""
        return cls(
            checked_at=lag.at,
            tracks=lag.backlog.tracks,
            days=lag.backlog.days,
            oldest_at=lag.backlog.oldest_at,
            lag_seconds=round(lag.seconds, 3),
            complete=lag.backlog.is_complete,
            covered_from=lag.covered_from,
        )


class BotShown(CamelModel):
    """Plays that are set aside for one reason; `reason` names the program, or the rule."""

    reason: str
    plays: int
    sessions: int
    last_at: Moment

    @classmethod
    def of(cls, bot: BotStanding) -> Self:
        """Show one."""
        return cls(reason=bot.reason, plays=bot.plays, sessions=bot.sessions, last_at=bot.last_at)


class BotRankingShown(CamelModel):
    """The ten reasons with the most plays, among the latest 50,000 of the range; `complete` when these are all."""

    time_range: TimeRange
    complete: bool
    bots: list[BotShown]

    @classmethod
    def of(cls, ranking: BotRanking) -> Self:
        """Show it."""
        bots = [BotShown.of(one) for one in ranking.bots]
        return cls(time_range=ranking.time_range, complete=ranking.is_complete, bots=bots)


class HoldingsShown(CamelModel):
    """Documents by collection, as the database itself keeps count; after a crash of it that may be a little off."""

    checked_at: Moment
    documents: dict[str, int]

    @classmethod
    def of(cls, holdings: Holdings) -> Self:
        """Show them."""
        return cls(checked_at=holdings.at, documents=dict(holdings.documents))
