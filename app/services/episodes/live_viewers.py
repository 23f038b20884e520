"""Live viewers: how many distinct users watch an episode, or anything of a tenant, at present."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from app.clock import Clock
from app.errors import NotFound
from app.models.episodes.viewers import EpisodeViewers, TenantViewers

WINDOW = timedelta(seconds=30)
"""A user watches for this long after a sign of it: two periods of heartbeats."""

MOST_EPISODES = 20


class Tenants(Protocol):
    """Knows whose an episode is."""

    async def tenant_of(self, episode: int) -> str:
        """The tenant, or `NotFound`."""
        ...


class LiveViewers(Protocol):
    """The latest signs."""

    async def of_episodes(self, episodes: Collection[int], after: datetime) -> Mapping[int, int]:
        """Distinct users of each; episodes without any are left out."""
        ...

    async def of_tenant(self, tenant: str, after: datetime, most: int) -> TenantViewers:
        """Distinct users, and so many of the episodes."""
        ...


class LiveViewerService:
    """Counts who watches at present, over all processes."""

    def __init__(self, tenants: Tenants, viewers: LiveViewers, clock: Clock) -> None:
        self._tenants = tenants
        self._viewers = viewers
        self._clock = clock

    async def of_episode(self, tenants: Collection[str], episode: int) -> EpisodeViewers:
        """The viewers of an episode, for a member of these tenants.

        Raises:
            NotFound: none of them has such an episode.
            Unavailable: the database is away.
        """
        if await self._tenants.tenant_of(episode) not in tenants:
            raise NotFound("Episode not found")
        return EpisodeViewers(episode, (await self.of_episodes([episode])).get(episode, 0))

    async def of_episodes(self, episodes: Collection[int]) -> Mapping[int, int]:
        """The viewers of many episodes in one query; those without any are left out.

        Raises:
            Unavailable: the database is away.
        """
        return await self._viewers.of_episodes(episodes, self._clock.now() - WINDOW)

    async def of_tenant(self, tenant: str) -> TenantViewers:
        """The viewers of everything that a tenant has, and the 20 episodes that most of them watch.

        Raises:
            Unavailable: the database is away.
        """
        return await self._viewers.of_tenant(tenant, self._clock.now() - WINDOW, MOST_EPISODES)
