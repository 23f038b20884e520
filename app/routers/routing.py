"""How a request finds its route, and a hot one its endpoint, without work that is the same each time."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette._utils import get_route_path
from starlette.routing import Match
from starlette.types import Scope


class Router(APIRouter):
    """The router of every wing: it looks at its routes only for addresses that could be theirs.

    FastAPI tries all routes of all routers, one after the other: 0.4 ms for the last of two hundred.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a route of this router serves the address."""
        fixed, _, _ = self.prefix.partition("{")
        if not get_route_path(scope).startswith(fixed):
            return Match.NONE, {}
        return super().matches(scope)


class DirectRoute(APIRoute):
    """A route for the bulk of all requests: its endpoint has one dependency, and that takes the request alone.

    FastAPI solves the tree of dependencies anew for each request, which costs as much as counting a heartbeat. The
    documentation comes from the signature, as everywhere; what is answered is the endpoint's model, with status 200.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        (dependency,) = self.dependant.dependencies
        ask, name, endpoint = dependency.call, dependency.name, self.endpoint
        if ask is None or name is None:
            raise TypeError(f"{self.path}: a direct route has a dependency of its own")

        async def answer(request: Request) -> Response:
            shown = await endpoint(**{name: await ask(request)})
            return Response(shown.model_dump_json(by_alias=True), media_type="application/json")

        return answer
