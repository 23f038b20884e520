"""Routes that answer with a final slash and without: a redirect would lose the body of a POST on its way."""

from collections.abc import Callable
from typing import Any

from app.routers.routing import Router


class SlashesRouter(Router):
    """Each route is there in both forms; the documentation shows the one that is written down."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add the route as it is written, and once more in the other form."""
        super().add_api_route(path, endpoint, **options)
        other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
        super().add_api_route(other, endpoint, **(options | {"include_in_schema": False}))
