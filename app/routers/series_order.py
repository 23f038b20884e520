"""`ordering` of a list of episodes."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Query

from app.errors import FieldError, Invalid
from app.models.episodes.catalogue import DEFAULT_ORDER, Order

_FIELDS = ("id", "title", "episode_number", "source_published_at", "duration_seconds", "created_at")
_ONE = f"-?({'|'.join(_FIELDS)})"


async def _ordering(
    ordering: Annotated[
        str | None,
        Query(
            max_length=200,
            description=f"Fields with commas between, of {', '.join(f'`{name}`' for name in _FIELDS)}; `-` turns one "
            "around. What has no value comes last either way.",
            examples=["-source_published_at,title"],
            json_schema_extra={"pattern": f"^{_ONE}(,{_ONE})*$"},
        ),
    ] = None,
) -> Sequence[Order]:
    if ordering is None:
        return DEFAULT_ORDER
    orders = [Order(name.removeprefix("-"), name.startswith("-")) for name in ordering.split(",")]
    names = [order.field for order in orders]
    if unknown := [name for name in names if name not in _FIELDS]:
        message = f"{unknown[0]!r} is none of {', '.join(_FIELDS)}"
        raise Invalid("The request is not valid", [FieldError("ordering", message)])
    return orders


Ordering = Annotated[Sequence[Order], Depends(_ordering)]
"""The default order when nothing is said."""
