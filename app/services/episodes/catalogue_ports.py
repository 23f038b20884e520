"""What the catalogue of episodes needs from outside, in its own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.models.episodes.catalogue import (
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


class Ids(Protocol):
    """Where ids come from."""

    async def take(self) -> int:
        """An id that nobody had before."""
        ...


class Shows(Protocol):
    """The stored shows."""

    async def get(self, tenant: str, show_id: int) -> Show:
        """A show of the tenant, or `NotFound`."""
        ...

    async def page(self, tenant: str, window: Window) -> Listed[Show]:
        """A part of the tenant's shows."""
        ...

    async def add(self, show_id: int, tenant: str, draft: ShowDraft, at: datetime) -> Show:
        """Add one."""
        ...

    async def change(self, tenant: str, show_id: int, changes: Changes, at: datetime) -> Show:
        """Change one, or `NotFound`."""
        ...


class Seasons(Protocol):
    """The stored seasons."""

    async def get(self, tenant: str, season_id: int) -> Season:
        """A season of the tenant, or `NotFound`."""
        ...

    async def page(self, tenant: str, show_id: int | None, window: Window) -> Listed[Season]:
        """A part of the tenant's seasons."""
        ...

    async def change(self, tenant: str, season_id: int, changes: Changes, at: datetime) -> Season:
        """Change one, or `NotFound`, or `Conflict`."""
        ...


class Episodes(Protocol):
    """The stored episodes."""

    async def get(self, tenant: str, episode_id: int) -> Episode:
        """An episode of the tenant, or `NotFound`."""
        ...

    async def page(
        self, tenant: str, season_id: int | None, show_id: int | None, window: Window, order: Sequence[Order]
    ) -> Listed[Episode]:
        """A part of the tenant's episodes."""
        ...

    async def change(self, tenant: str, episode_id: int, changes: Changes, at: datetime) -> Episode:
        """Change one, or `NotFound`."""
        ...


class Families(Protocol):
    """Keeps children and parents together; everything here may raise `TransientFailure`, and is safe to repeat."""

    async def add_season(self, season_id: int, tenant: str, draft: SeasonDraft, at: datetime) -> Season:
        """Add a season to its show, or `NotFound`, or `Conflict`."""
        ...

    async def add_episode(self, episode_id: int, tenant: str, draft: EpisodeDraft, at: datetime) -> Episode:
        """Add an episode to its season, or `NotFound`."""
        ...

    async def remove(self, kind: str, tenant: str, row_id: int) -> None:
        """Remove a row of `shows`, `seasons` or `episodes` with everything below it, or `NotFound`."""
        ...
