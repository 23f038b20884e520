"""Views and reports for tests of what is believed of them."""

from datetime import UTC, datetime, timedelta

from app.models.episodes.watching import Beat, Completion, Watched
from app.services.episodes.watch_clock import follow

START = datetime(2026, 11, 28, 12, tzinfo=UTC)


def begun(duration: int = 7_200) -> Watched:
    return Watched(START, None, START, duration, 0.0, 0.0, None, (), {})


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def beats(view: Watched, *reports: tuple[float, float, float | None]) -> Watched:
    """After reports of `(arrival, seconds, position)`."""
    for at, seconds, position in reports:
        view, _ = follow(view, Beat(seconds, position), after(at))
    return view


def completed(view: Watched, at: float, total: float, *, completed: bool = True) -> Watched:
    return follow(view, Completion(total, completed), after(at))[0]
