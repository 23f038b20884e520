"""What the routes of shows, seasons and episodes have in common: ids in paths, and parts of lists."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Path, Query, Request

from app.container.episodes import EpisodesWing
from app.errors import NotFound
from app.models.episodes.catalogue import Listed, Window
from app.models.wire.base import MAX_SAFE_INTEGER
from app.models.wire.series import ListShown
from app.routers.base_address import BaseAddress
from app.routers.dependencies import House

Model = TypeVar("Model")
Shown = TypeVar("Shown")

_FURTHEST = 1_000_000
_LONGEST_ID = len(str(MAX_SAFE_INTEGER))
_SCHEMA = {"type": "integer", "minimum": 1, "maximum": MAX_SAFE_INTEGER}

TAG = "Episodes"


async def _wing(house: House) -> EpisodesWing:
    return house.episodes


Wing = Annotated[EpisodesWing, Depends(_wing)]
"""The services of this wing."""


def _id_of(noun: str) -> Callable[..., Awaitable[int]]:
    """A dependency that reads the id in the path: what is no such number is nobody's id."""

    async def read(
        number: Annotated[str, Path(alias="id", description=f"The id of the {noun}.", json_schema_extra=_SCHEMA)],
    ) -> int:
        if not (number.isascii() and number.isdecimal() and len(number) <= _LONGEST_ID):
            raise NotFound(f"{noun.capitalize()} not found")
        if not 1 <= int(number) <= MAX_SAFE_INTEGER:
            raise NotFound(f"{noun.capitalize()} not found")
        return int(number)

    return read


ShowId = Annotated[int, Depends(_id_of("show"))]
SeasonId = Annotated[int, Depends(_id_of("season"))]
EpisodeId = Annotated[int, Depends(_id_of("episode"))]


async def _window(
    limit: Annotated[int, Query(ge=1, le=100, description="How many at most.")] = 50,
    offset: Annotated[int, Query(ge=0, le=_FURTHEST, description="How many to leave out.")] = 0,
) -> Window:
    return Window(limit, offset)


Part = Annotated[Window, Depends(_window)]
"""Which part of a list."""


def listed(
    request: Request, base: BaseAddress, window: Window, found: Listed[Model], show: Callable[[Model, str], Shown]
) -> ListShown[Shown]:
    """A part of a list as it is answered, with the addresses of its neighbours."""

    def at(offset: int) -> str:
        others = [
            (name, value) for name, value in request.query_params.multi_items() if name not in {"limit", "offset"}
        ]
        query = urlencode([*others, ("limit", str(window.limit)), ("offset", str(offset))])
        return f"{base}{request.scope['path']}?{query}"

    after, before = window.offset + window.limit, max(0, window.offset - window.limit)
    return ListShown(
        count=found.count,
        next=at(after) if after < found.count else None,
        previous=at(before) if window.offset > 0 else None,
        results=[show(item, base) for item in found.items],
    )
