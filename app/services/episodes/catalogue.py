"""Keeps a tenant's shows, seasons and episodes."""

from collections.abc import Sequence

from app.clock import Clock
from app.errors import NotFound
from app.models.episodes.catalogue import (
    DEFAULT_ORDER,
    Changes,
    Episode,
    EpisodeDraft,
    Listed,
    Order,
    Season,
    SeasonDraft,
    Show,
    ShowDraft,
    Window,
)
from app.services.episodes.catalogue_ports import Episodes, Families, Ids, Seasons, Shows
from app.services.until_done import until_done


class ShowService:
    """A tenant's shows."""

    def __init__(self, shows: Shows, families: Families, ids: Ids, clock: Clock) -> None:
        self._shows = shows
        self._families = families
        self._ids = ids
        self._clock = clock

    async def get(self, tenant: str, show_id: int) -> Show:
        """A show of the tenant.

        Raises:
            NotFound: there is none, or it is another tenant's.
            Unavailable: the database is away.
        """
        return await self._shows.get(tenant, show_id)

    async def page(self, tenant: str, window: Window) -> Listed[Show]:
        """The tenant's shows, in the order in which they were added.

        Raises:
            Unavailable: the database is away.
        """
        return await self._shows.page(tenant, window)

    async def add(self, tenant: str, draft: ShowDraft) -> Show:
        """Add a show.

        Raises:
            Unavailable: the database is away.
        """
        return await self._shows.add(await self._ids.take(), tenant, draft, self._clock.now())

    async def change(self, tenant: str, show_id: int, changes: Changes) -> Show:
        """Change the fields that are given; raises as `get`."""
        return await self._shows.change(tenant, show_id, changes, self._clock.now())

    async def remove(self, tenant: str, show_id: int) -> None:
        """Remove a show with its seasons and episodes; what was watched of them stays with those who watched."""
        await _remove(self._families, "shows", tenant, show_id)


class SeasonService:
    """The seasons of a tenant's shows."""

    def __init__(self, seasons: Seasons, families: Families, ids: Ids, clock: Clock) -> None:
        self._seasons = seasons
        self._families = families
        self._ids = ids
        self._clock = clock

    async def get(self, tenant: str, season_id: int) -> Season:
        """A season of the tenant; raises as `ShowService.get`."""
        return await self._seasons.get(tenant, season_id)

    async def page(self, tenant: str, show_id: int | None, window: Window) -> Listed[Season]:
        """The tenant's seasons, or those of one show, by their numbers.

        Raises:
            Unavailable: the database is away.
        """
        return await self._seasons.page(tenant, show_id, window)

    async def add(self, tenant: str, draft: SeasonDraft) -> Season:
        """Add a season to a show.

        Raises:
            NotFound: the tenant has no such show.
            Conflict: the show has a season of this number.
            Unavailable: the database is away.
        """
        season_id, at = await self._ids.take(), self._clock.now()
        return await until_done(lambda _: self._families.add_season(season_id, tenant, draft, at))

    async def change(self, tenant: str, season_id: int, changes: Changes) -> Season:
        """Change the fields that are given; raises as `get`, and `Conflict` when the show has that number."""
        return await self._seasons.change(tenant, season_id, changes, self._clock.now())

    async def remove(self, tenant: str, season_id: int) -> None:
        """Remove a season with its episodes; what was watched of them stays with those who watched."""
        await _remove(self._families, "seasons", tenant, season_id)


class EpisodeService:
    """The episodes of a tenant's seasons."""

    def __init__(self, episodes: Episodes, families: Families, ids: Ids, clock: Clock) -> None:
        self._episodes = episodes
        self._families = families
        self._ids = ids
        self._clock = clock

    async def get(self, tenant: str, episode_id: int) -> Episode:
        """An episode of the tenant; raises as `ShowService.get`."""
        return await self._episodes.get(tenant, episode_id)

    async def page(
        self,
        tenant: str,
        season_id: int | None,
        show_id: int | None,
        window: Window,
        order: Sequence[Order] = DEFAULT_ORDER,
    ) -> Listed[Episode]:
        """The tenant's episodes, or those of one season or show.

        Raises:
            Unavailable: the database is away.
        """
        return await self._episodes.page(tenant, season_id, show_id, window, order)

    async def add(self, tenant: str, draft: EpisodeDraft) -> Episode:
        """Add an episode to a season.

        Raises:
            NotFound: the tenant has no such season.
            Unavailable: the database is away.
        """
        episode_id, at = await self._ids.take(), self._clock.now()
        return await until_done(lambda _: self._families.add_episode(episode_id, tenant, draft, at))

    async def change(self, tenant: str, episode_id: int, changes: Changes) -> Episode:
        """Change the fields that are given; raises as `get`."""
        return await self._episodes.change(tenant, episode_id, changes, self._clock.now())

    async def remove(self, tenant: str, episode_id: int) -> None:
        """Remove an episode; what was watched of it stays with those who watched."""
        await _remove(self._families, "episodes", tenant, episode_id)


async def _remove(families: Families, kind: str, tenant: str, row_id: int) -> None:
    async def remove(is_in_doubt: bool) -> None:
        try:
            await families.remove(kind, tenant, row_id)
        except NotFound:
            if not is_in_doubt:
                raise

    await until_done(remove)
