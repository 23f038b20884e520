"""How much of what a player says can be believed: no more than the server's own clock allows.

A player may run at twice the speed and be five seconds off, over a whole view. Whatever is said, in any order and any
number of times: the total never falls, and neither it nor the unique seconds pass that bound.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from app.models.episodes.watching import Beat, Completion, Trim, TrimReason, Watched
from app.services.episodes.coverage import covered_seconds, played_range, stretch_of, with_heat, with_stretch

LONGEST_BEAT_SECONDS = 120.0
FASTEST = 2.0
GRACE_SECONDS = 5.0
_ROUNDING = 0.001


def allowance(wall: timedelta) -> float:
    """Seconds of content that can be seen in a time, to the millisecond."""
    return round(FASTEST * max(0.0, wall.total_seconds()) + GRACE_SECONDS, 3)


def follow(watched: Watched, said: Beat | Completion, at: datetime) -> tuple[Watched, tuple[Trim, ...]]:
    """The view after one more report that arrived `at`, and what was cut off."""
    now = max(at, watched.last_report_at)
    reported, trims = _beat(watched, said, now) if isinstance(said, Beat) else _complete(watched, said, now)
    return replace(reported, last_report_at=now, unique_seconds=_unique_seconds(reported, now)), trims


def _beat(watched: Watched, beat: Beat, now: datetime) -> tuple[Watched, tuple[Trim, ...]]:
    in_range = min(max(beat.seconds, 0.0), LONGEST_BEAT_SECONDS)
    since_last = min(in_range, allowance(now - (watched.last_heartbeat_at or watched.started_at)))
    total = _raised(watched, watched.total_seconds + since_last, now)
    gained = total - watched.total_seconds
    trims = _trims(
        (TrimReason.RANGE, beat.seconds, in_range),
        (TrimReason.SINCE_LAST, in_range, since_last),
        (TrimReason.SINCE_START, since_last, gained),
    )
    counted = replace(watched, last_heartbeat_at=now, total_seconds=total)
    return _seen(counted, beat.position, in_range, gained), trims


def _seen(watched: Watched, position: float | None, seconds: float, gained: float) -> Watched:
    """With what a beat covers, which depends on what it said only, and the heat of what was counted of it."""
    duration = watched.duration_seconds
    played = None if position is None else played_range(position, seconds, duration)
    if played is None:
        return watched
    stretch = stretch_of(*played, duration)
    covered = watched.covered if stretch is None else with_stretch(watched.covered, stretch)
    heat = with_heat(watched.heat, played, gained, duration) if gained > 0 else watched.heat
    return replace(watched, covered=covered, heat=heat)


def _complete(watched: Watched, said: Completion, now: datetime) -> tuple[Watched, tuple[Trim, ...]]:
    """The larger of both sums within the bound; what was completed once stays so."""
    total = _raised(watched, said.total_seconds, now)
    completed_at = watched.completed_at or (now if said.completed else None)
    trims = _trims((TrimReason.SINCE_START, max(said.total_seconds, total), total))
    return replace(watched, total_seconds=total, completed_at=completed_at), trims


def _raised(watched: Watched, total: float, now: datetime) -> float:
    return max(watched.total_seconds, min(round(total, 3), allowance(now - watched.started_at)))


def _unique_seconds(watched: Watched, now: datetime) -> float:
    seen = covered_seconds(watched.covered, watched.duration_seconds)
    return max(watched.unique_seconds, round(min(seen, allowance(now - watched.started_at)), 3))


def _trims(*cuts: tuple[TrimReason, float, float]) -> tuple[Trim, ...]:
    """What was cut off where."""
    return tuple(
        Trim(reason, round(abs(said - taken), 3)) for reason, said, taken in cuts if abs(said - taken) > _ROUNDING
    )
