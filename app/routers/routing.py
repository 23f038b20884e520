"""How a request finds its route, and a hot one its endpoint, without work that is the same each time."""

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette._utils import get_route_path
from starlette.routing import Match
from starlette.types import Receive, Scope, Send


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

    The documentation comes from the signature, as everywhere; what is answered is the endpoint's model, with status
    200. `Direct` calls it; were it called by FastAPI, it would do the same.
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


class Direct:
    """In front of FastAPI: calls direct routes without what it does around each request, and passes on all others.

    Middlewares, exit stacks and the search for the route cost more than half of the CPU of a heartbeat. Errors get
    the answers that the app gives them.
    """

    def __init__(self, api: FastAPI, routers: Iterable[APIRouter]) -> None:
        self._api = api
        found = [route for router in routers for route in router.routes if isinstance(route, DirectRoute)]
        self._routes = {(method, route.path): route for route in found for method in route.methods or ()}
        self._handlers: dict[Any, Callable[[Request, Exception], Any]] = api.exception_handlers
        self._answers = {route.path: route.get_route_handler() for route in found}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        route = self._routes.get((scope["method"], get_route_path(scope))) if scope["type"] == "http" else None
        if route is None:
            await self._api(scope, receive, send)
            return
        scope["app"], scope["route"] = self._api, route
        request = Request(scope, receive, send)
        try:
            response = await self._answers[route.path](request)
        except Exception as error:
            kind = next(kind for kind in type(error).__mro__ if kind in self._handlers)
            response = await self._handlers[kind](request, error)
            await response(scope, receive, send)
            if kind is Exception:
                # As Starlette does, so that somebody logs it.
                raise
        else:
            await response(scope, receive, send)
