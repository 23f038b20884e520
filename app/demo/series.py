"""The show of the demo tenant: films that anybody may watch, made and published by the Blender Foundation."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from app.models.episodes.catalogue import (
    Episode,
    EpisodeDraft,
    Listed,
    Season,
    SeasonDraft,
    Show,
    ShowDraft,
    Window,
)

T = TypeVar("T")

DEMO_TENANT = "demo"
DEMO_SHOW = ShowDraft("Open Movies", "/assets/styles/open-movies.svg")
DEMO_SEASON = "Short Films"

_ALL = Window(100, 0)


class Shows(Protocol):
    """A tenant's shows."""

    async def page(self, tenant: str, window: Window) -> Listed[Show]:
        """Those that are there."""
        ...

    async def add(self, tenant: str, draft: ShowDraft) -> Show:
        """Add one."""
        ...


class Seasons(Protocol):
    """A tenant's seasons."""

    async def page(self, tenant: str, show_id: int | None, window: Window) -> Listed[Season]:
        """Those of a show."""
        ...

    async def add(self, tenant: str, draft: SeasonDraft) -> Season:
        """Add one."""
        ...


class Episodes(Protocol):
    """A tenant's episodes."""

    async def page(self, tenant: str, season_id: int | None, show_id: int | None, window: Window) -> Listed[Episode]:
        """Those of a season."""
        ...

    async def add(self, tenant: str, draft: EpisodeDraft) -> Episode:
        """Add one."""
        ...


async def seed_demo_series(shows: Shows, seasons: Seasons, episodes: Episodes) -> int:
    """Add what the demo tenant has not got yet of its show; how many episodes are new.

    What is there stays as it is, whatever it was changed to; what an earlier start has left undone is done.
    """
    show = _first(await shows.page(DEMO_TENANT, _ALL)) or await shows.add(DEMO_TENANT, DEMO_SHOW)
    season = _first(await seasons.page(DEMO_TENANT, show.id, _ALL))
    season = season or await seasons.add(DEMO_TENANT, SeasonDraft(show.id, 1, DEMO_SEASON))
    there = await episodes.page(DEMO_TENANT, season.id, None, _ALL)
    known = {episode.video_id for episode in there.items}
    missing = [draft for draft in demo_episodes(season.id) if draft.video_id not in known]
    for draft in missing:
        await episodes.add(DEMO_TENANT, draft)
    return len(missing)


def demo_episodes(season_id: int) -> Sequence[EpisodeDraft]:
    """The episodes of the season, in their order."""
    return (
        EpisodeDraft(season_id, "Sintel", "eRsGyueVLvQ", 888, 1, datetime(2010, 9, 30, tzinfo=UTC)),
        EpisodeDraft(season_id, "Tears of Steel", "R6MlUcmOul8", 734, 2, datetime(2012, 9, 26, tzinfo=UTC)),
        EpisodeDraft(season_id, "Big Buck Bunny", "aqz-KE-bpKQ", 635, 3, datetime(2014, 11, 10, tzinfo=UTC)),
    )


def _first(found: Listed[T]) -> T | None:
    return found.items[0] if found.items else None
