"""Tells the events of programs from those of people: by the user agent, and by how much one session plays."""

from collections.abc import Sequence

from app.models.stats.events import EventType, Exclusion, ExclusionKind, Sender, StatsEvent
from app.services.stats.user_agents import RULE_VERSION, verdict_of_user_agent
from app.services.stats.velocity import Minute, RecentPlays

__all__ = ["BotRules", "verdict_of_user_agent"]


class BotRules:
    """The verdicts on one process's events; a rescoring looks again, with the plays of all processes before it."""

    version = RULE_VERSION

    def __init__(self, plays_per_minute: int) -> None:
        """More plays than `plays_per_minute`, of one session in one UTC minute, are `too_fast` for a person."""
        self.plays_per_minute = plays_per_minute
        self._recent = RecentPlays(plays_per_minute)
        self.too_fast = Exclusion(
            ExclusionKind.BOT, f"velocity: more than {plays_per_minute:,} plays a minute", RULE_VERSION
        )

    def judge(self, events: Sequence[StatsEvent], sender: Sender) -> dict[int, Exclusion]:
        """Verdicts by the event's index; events without an objection are absent.

        A session that is too fast is found when it passes the limit: what it played in the same minute before, in
        other requests, is left to the rescoring.
        """
        program = verdict_of_user_agent(sender.user_agent)
        if program is not None:
            return {event.index: program for event in events}
        plays = [(event.index, Minute.of(event), event.event_id) for event in events if event.type is EventType.PLAY]
        for _, minute, event_id in plays:
            self._recent.add(minute, event_id)
        return {index: self.too_fast for index, minute, _ in plays if self._recent.are_too_many(minute)}
