"""The watching of the demo, on the way that reports of players take, as if each had arrived at its moment."""

import asyncio
from datetime import datetime
from functools import partial

from app.cli.persistence import persistently
from app.container.episodes import EpisodesWing
from app.demo.series import DEMO_TENANT
from app.demo.watching import DemoView, demo_watching
from app.models.episodes.catalogue import Window
from app.models.episodes.metrics import ScopeKind
from app.models.episodes.watching import Completion, Origin

_ALL = Window(100, 0)
# More would wait longer for the database than anybody waits for an answer, on a machine with other work.
_AT_ONCE = 16
_HERE = Origin("", None, "demo")


async def seed_demo_watching(wing: EpisodesWing, now: datetime) -> int:
    """Let the films of the demo have some weeks of viewers, each film once; how many views were begun."""
    listed = await wing.episodes.page(DEMO_TENANT, None, None, _ALL)
    begun = 0
    for episode in listed.items:
        if episode.duration_seconds and not await _is_watched(wing, episode.id):
            begun += await _watch(wing, now, episode.id, episode.duration_seconds)
    return begun


async def _watch(wing: EpisodesWing, now: datetime, episode: int, seconds: int) -> int:
    views = list(demo_watching(now, episode, seconds))
    for first in range(0, len(views), _AT_ONCE):
        await asyncio.gather(*(_report(wing, episode, view) for view in views[first : first + _AT_ONCE]))
    return len(views)


async def _report(wing: EpisodesWing, episode: int, view: DemoView) -> None:
    playback = await wing.playback.play(DEMO_TENANT, view.user_id, episode)
    began = view.began_at
    start = partial(wing.watching.start, DEMO_TENANT, view.user_id, episode, playback.token, _HERE, began, began)
    view_id = await persistently(start)
    claim = await wing.watching.identify(DEMO_TENANT, view.user_id, playback.token)
    report = partial(wing.watching.report, claim, view_id)
    await asyncio.gather(*(persistently(partial(report, beat, at)) for at, beat in view.beats))
    if view.completed:
        await persistently(partial(report, Completion(0.0, completed=True), view.ended_at))


async def _is_watched(wing: EpisodesWing, episode: int) -> bool:
    metrics = await wing.metrics.of(DEMO_TENANT, ScopeKind.EPISODE, episode)
    return metrics.watched.view_count > 0
