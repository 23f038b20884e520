"""Made-up watching for the demo: what viewers of its films would have reported in some weeks, the same each time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from app.models.episodes.watching import Beat

_DAYS = 42
_SEED = 20_261_129
_PEOPLE = 160
_BEAT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class DemoView:
    """Somebody watches an episode: when they begin, what they report and when, and whether they saw the end."""

    user_id: str
    began_at: datetime
    beats: tuple[tuple[datetime, Beat], ...]
    completed: bool

    @property
    def ended_at(self) -> datetime:
        """When the last report is made."""
        return self.beats[-1][0] if self.beats else self.began_at


def demo_watching(now: datetime, episode: int, seconds: int) -> Iterator[DemoView]:
    """Six weeks of views of an episode that lasts `seconds`, the oldest first; all have ended by now."""
    chance = Random(_SEED + episode)  # noqa: S311 - nothing secret
    favourite = chance.uniform(0.3, 0.6)
    for day in range(_DAYS, -1, -1):
        evening = (now - timedelta(days=day)).replace(hour=18, minute=0, second=0, microsecond=0)
        for _ in range(chance.randint(1, 3 + (_DAYS - day) // 14)):
            user = f"demo-viewer-{chance.randrange(_PEOPLE)}"
            view = _view(chance, user, evening + timedelta(minutes=chance.uniform(0, 240)), seconds, favourite)
            if view.ended_at < now - timedelta(minutes=1):
                yield view


def _view(chance: Random, user: str, began_at: datetime, seconds: int, favourite: float) -> DemoView:
    """A third look for a moment only, half of the rest see the end, and a quarter go back to what they like best."""
    dice = chance.random()
    share = chance.uniform(0.03, 0.2) if dice < 0.3 else 1.0 if dice < 0.65 else chance.uniform(0.2, 1.0)  # noqa: PLR2004
    stretches = [(0.0, seconds * share)]
    if share > favourite + 0.15 and chance.random() < 0.35:  # noqa: PLR2004
        start = seconds * (favourite + chance.uniform(-0.03, 0.03))
        stretches.append((start, min(float(seconds), start + chance.uniform(0.05, 0.1) * seconds)))
    beats, at = [], began_at
    for start, end in stretches:
        for position, watched in _steps(start, end):
            at += timedelta(seconds=watched)
            beats.append((at, Beat(watched, position)))
    return DemoView(user, began_at, tuple(beats), completed=share == 1.0)


def _steps(start: float, end: float) -> Iterator[tuple[float, float]]:
    """Positions up to the end, and the seconds since the last one."""
    position = start
    while position < end:
        watched = min(float(_BEAT_SECONDS), end - position)
        position += watched
        yield round(position, 1), round(watched, 1)
