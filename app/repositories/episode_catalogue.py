"""The collections `shows`, `seasons` and `episodes`: rows with integer ids that belong to a tenant."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from pymongo.errors import DuplicateKeyError

from app.errors import Conflict, NotFound
from app.models.episodes.catalogue import Changes, Episode, Listed, Order, Season, Show, ShowDraft, Window
from app.repositories.episode_rows import (
    BY_ID,
    BY_NUMBER,
    Sort,
    episode_sort,
    new_show,
    to_episode,
    to_season,
    to_show,
    with_order,
)
from app.repositories.mongo import Document, Mongo, driver_errors

T = TypeVar("T")


class _TenantRows(Generic[T]):
    """What all three have in common; another tenant's rows are as good as absent."""

    def __init__(self, mongo: Mongo, collection: str, noun: str, to_model: Callable[[Document], T]) -> None:
        self._rows = mongo.db[collection]
        self._noun = noun
        self._to_model = to_model

    async def get(self, tenant: str, row_id: int) -> T:
        """The row of this id.

        Raises:
            NotFound: the tenant has none.
            Unavailable: the database is away.
        """
        with driver_errors():
            return self._found(await self._rows.find_one(_of(tenant, row_id)))

    async def change(self, tenant: str, row_id: int, changes: Changes, at: datetime) -> T:
        """Change fields of a row.

        Raises:
            NotFound: the tenant has none of this id.
            Conflict: another row has what only one may have.
            Unavailable: the database is away.
        """
        update = {"$set": {**with_order(changes), "updated_at": at}}
        with driver_errors():
            try:
                changed = await self._rows.find_one_and_update(_of(tenant, row_id), update, return_document=True)
            except DuplicateKeyError as error:
                raise Conflict("The show has a season of this number") from error
        return self._found(changed)

    async def _page(self, tenant: str, within: Mapping[str, int | None], sort: Sort, window: Window) -> Listed[T]:
        which: Document = {"tenant": tenant} | {name: value for name, value in within.items() if value is not None}
        with driver_errors():
            count = await self._rows.count_documents(which)
            found = self._rows.find(which).sort(list(sort)).skip(window.offset).limit(window.limit)
            rows = await found.allow_disk_use(True).to_list(None)
        return Listed(count, [self._to_model(row) for row in rows])

    def _found(self, row: Document | None) -> T:
        if row is None:
            raise NotFound(f"{self._noun} not found")
        return self._to_model(row)


class ShowRepository(_TenantRows[Show]):
    """Shows."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo, "shows", "Show", to_show)

    async def add(self, show_id: int, tenant: str, draft: ShowDraft, at: datetime) -> Show:
        """Add a show.

        Raises:
            Unavailable: the database is away.
        """
        row = new_show(show_id, tenant, draft, at)
        with driver_errors():
            await self._rows.insert_one(row)
        return to_show(row)

    async def page(self, tenant: str, window: Window) -> Listed[Show]:
        """A part of the tenant's shows, by their ids.

        Raises:
            Unavailable: the database is away.
        """
        return await self._page(tenant, {}, BY_ID, window)


class SeasonRepository(_TenantRows[Season]):
    """Seasons."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo, "seasons", "Season", to_season)

    async def page(self, tenant: str, show_id: int | None, window: Window) -> Listed[Season]:
        """A part of the tenant's seasons, by shows and numbers.

        Raises:
            Unavailable: the database is away.
        """
        return await self._page(tenant, {"show": show_id}, BY_NUMBER, window)


class EpisodeRepository(_TenantRows[Episode]):
    """Episodes."""

    def __init__(self, mongo: Mongo) -> None:
        super().__init__(mongo, "episodes", "Episode", to_episode)

    async def page(
        self, tenant: str, season_id: int | None, show_id: int | None, window: Window, order: Sequence[Order]
    ) -> Listed[Episode]:
        """A part of the tenant's episodes, in this order.

        Raises:
            Unavailable: the database is away.
        """
        within = {"season": season_id, "show": show_id}
        return await self._page(tenant, within, episode_sort(order), window)


def _of(tenant: str, row_id: int) -> Document:
    return {"_id": row_id, "tenant": tenant}
