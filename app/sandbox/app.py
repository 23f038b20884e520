"""The sandbox as one ASGI app."""

import time
from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox.calls import CallMade
from app.sandbox.control import Control
from app.sandbox.files import Files
from app.sandbox.gate import Gate
from app.sandbox.wire.artlist import Artlist
from app.sandbox.wire.base import Endpoint, Handler, Wire
from app.sandbox.wire.hooksounds import HookSounds
from app.sandbox.wire.internet_archive import InternetArchive
from app.sandbox.wire.jamendo import Jamendo
from app.sandbox.wire.openverse import Openverse
from app.sandbox.wire.soundstripe import Soundstripe
from app.sandbox.world import SandboxOptions, World

WIRES: tuple[type[Wire], ...] = (Soundstripe, Artlist, HookSounds, Openverse, InternetArchive, Jamendo)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_sandbox(options: SandboxOptions) -> Starlette:
    """Every provider under its own prefix, and `/control`."""
    world = World(options)
    routes = [route for wire in WIRES for route in _routes(wire(world))]
    files = Files(world)
    audio = Route("/audio/{provider}/{id:path}/{file}", files.audio)
    artwork = Route("/artwork/{provider}/{id:path}", files.artwork)
    trap = Route("/trap", _trap(world), methods=_METHODS)
    app = Starlette(routes=[*Control(world).routes(), audio, artwork, trap, *routes])
    app.router.redirect_slashes = False
    return app


def _routes(wire: Wire) -> Sequence[Route]:
    gate = Gate(wire)
    known = [
        Route(wire.prefix + one.path, gate.before(one), methods=[one.method]) for one in wire.endpoints()
    ]  # fmt: skip

    async def nothing(_request: Request) -> Response:
        return wire.error(404, "Not found")

    unknown = Endpoint("/{rest:path}", "unknown", nothing)
    return [*known, Route(wire.prefix + unknown.path, gate.before(unknown), methods=_METHODS)]


def _trap(world: World) -> Handler:
    async def answer(request: Request) -> Response:
        call = CallMade(time.time(), "trap", request.method, request.url.path, (), status=200)
        world.trapped.add(call, time.monotonic())
        return JSONResponse({"data": "nobody should read this"})

    return answer
