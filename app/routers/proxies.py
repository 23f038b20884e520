"""Requests that come through proxies: who really sent them, and whether a header of a proxy may be believed."""

from collections.abc import Sequence

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.config import Network
from app.services.stats.addresses import read_address

_CAME_THROUGH = "playledger.trusted_proxy"


class Proxies:
    """Believes `X-Forwarded-For` and `-Proto` of proxies that we trust, and notes that one of them was the peer.

    Afterwards the scope names the client, and nobody can tell any more who had opened the connection.
    """

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)
        # As networks are written properly: uvicorn takes `10.0.0.1/8` for a name, and so for nobody.
        self._app = ProxyHeadersMiddleware(app, [str(network) for network in trusted])  # type: ignore[arg-type]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as the client's."""
        if scope["type"] != "lifespan":
            self._note(scope)
        await self._app(scope, receive, send)  # type: ignore[arg-type]

    def _note(self, scope: Scope) -> None:
        peer = scope.get("client")
        address = read_address(peer[0]) if peer else None
        if address is None or peer is None:
            return
        # A socket for both families shows IPv4 peers as ::ffff:10.0.0.1, which is in no IPv4 network.
        scope["client"] = (str(address), peer[1])
        scope[_CAME_THROUGH] = any(address in network for network in self._trusted)


def came_through_trusted_proxy(scope: Scope) -> bool:
    """Whether the peer of the connection is one of `TRUSTED_PROXIES`."""
    return bool(scope.get(_CAME_THROUGH, False))
