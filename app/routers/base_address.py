"""The address under which a caller has reached this service, for answers that hold addresses."""

import re
from typing import Annotated

from fastapi import Depends, Request

from app.routers.proxies import came_through_trusted_proxy

# A name or an IPv4 address, or an IPv6 address in brackets; and a port.
_HOST = re.compile(r"([A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?", re.ASCII)


async def _base_address(request: Request) -> str:
    """Scheme and host. `X-Forwarded-Host` is believed of a trusted proxy; its scheme is in the scope already."""
    offered = [request.headers.get("host", "")]
    if came_through_trusted_proxy(request.scope):
        # Each proxy adds what it was called by; the last one is the one that we trust.
        offered.insert(0, request.headers.get("x-forwarded-host", "").split(",")[-1].strip())
    host = next((one for one in offered if _HOST.fullmatch(one)), None)
    return f"{request.scope['scheme']}://{host or _of_server(request)}"


def _of_server(request: Request) -> str:
    address, port = request.scope.get("server") or ("localhost", None)
    if port is None:  # a Unix socket
        return "localhost"
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


BaseAddress = Annotated[str, Depends(_base_address)]
"""Such as `https://api.example.com`, without a slash at the end."""
