"""The one middleware: request id, access log, metrics, and the headers that every answer has."""

import re
import secrets
import time
from functools import cache

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.metrics import REQUEST_SECONDS, REQUESTS
from app.routers.allowances import noted_allowance

log = structlog.get_logger("access")

_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,128}\Z")
_QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
_NO_ROUTE = "none"
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")


# The library takes labels apart and checks them each time; there are few of them.
_requests = cache(REQUESTS.labels)
_seconds = cache(REQUEST_SECONDS.labels)


class RequestContext:
    """Pure ASGI, because every `BaseHTTPMiddleware` costs 100 µs a request, more than the app itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and look after what surrounds it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})
        exchange = _Exchange(scope, send)
        bound = structlog.contextvars.bind_contextvars(request_id=exchange.request_id)
        try:
            await self._app(scope, receive, exchange.send)
        except Exception:
            # Starlette has answered with our 500 and raises again, so that somebody logs it: that is here. An answer
            # that broke off half way is passed on, because the server has to cut the connection.
            log.exception("request_failed", method=scope["method"], route=exchange.route)
            if not exchange.is_complete:
                raise
        finally:
            exchange.record()
            structlog.contextvars.reset_contextvars(**bound)


class _Exchange:
    """One request and what was answered."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._began = time.perf_counter()
        self.request_id = _request_id(scope)
        self.status = 0
        self.is_complete = False

    @property
    def route(self) -> str:
        """The route's template, never the address: an address has an id in it, and metrics must stay few."""
        return getattr(self._scope.get("route"), "path", _NO_ROUTE)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # Nothing inside sets these: to look for each among the others would cost more than all of this.
            own = ((b"x-request-id", self.request_id.encode()), _NO_SNIFFING, *noted_allowance(self._scope))
            message["headers"] = [*message["headers"], *own]
        elif message["type"] == "http.response.body" and not message.get("more_body"):
            self.is_complete = True
        await self._send(message)

    def record(self) -> None:
        seconds = time.perf_counter() - self._began
        _requests(self._scope["method"], self.route, self.status).inc()
        _seconds(self.route).observe(seconds)
        if self.route not in _QUIET:
            log.info(
                "request",
                method=self._scope["method"],
                route=self.route,
                status=self.status,
                ms=round(seconds * 1000, 2),
            )


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SANE_ID.match(value):
            return str(value.decode("ascii"))
    return secrets.token_hex(16)
