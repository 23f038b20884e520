"""What every call to a provider passes: it is recorded, delayed, spoiled, refused, limited, and then answered."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox import answers, corruption
from app.sandbox.addresses import root_of
from app.sandbox.calls import UNCOUNTED, CallMade, without_secrets
from app.sandbox.faults import Fault, FaultKind
from app.sandbox.wire.base import Endpoint, Refused, Wire

_SPOILED: dict[FaultKind, Callable[[bytes], bytes]] = {
    FaultKind.BROKEN_JSON: corruption.broken_json,
    FaultKind.WRONG_TYPES: corruption.wrong_types,
    FaultKind.SCRIPT_TITLES: corruption.script_titles,
    FaultKind.JAVASCRIPT_URLS: corruption.javascript_urls,
}


class Gate:
    """Stands before one provider."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def before(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint, with all that a call to it passes first."""

        async def answer(request: Request) -> Response:
            call = self._arrived(request, endpoint.kind_of(request))
            await self._take_time()
            fault = self._wire.side.faults.take(request.url.path)
            call.fault = fault.kind.value if fault else None
            response = await self._answered(request, endpoint, fault)
            call.status = 0 if isinstance(response, answers.Dropped | answers.CutOff) else response.status_code
            return response

        return answer

    def _arrived(self, request: Request, kind: str) -> CallMade:
        query = without_secrets(request.query_params.multi_items(), self._wire.secret_params)
        call = CallMade(time.time(), kind, request.method, request.url.path, query)
        self._wire.side.calls.add(call, time.monotonic())
        return call

    async def _take_time(self) -> None:
        if self._wire.side.latency_ms:
            await asyncio.sleep(self._wire.side.latency_ms / 1_000)

    async def _answered(self, request: Request, endpoint: Endpoint, fault: Fault | None) -> Response:
        if fault is not None:
            await asyncio.sleep(fault.delay)
            instead = self._instead(request, fault)
            if instead is not None:
                return instead
        response = await self._admitted(request, endpoint)
        return response if fault is None else _spoiled(response, fault.kind)

    def _instead(self, request: Request, fault: Fault) -> Response | None:
        """What is answered without asking the provider at all."""
        again = f"{root_of(request)}{request.url.path}?{request.url.query}"
        makers: dict[FaultKind, Callable[[], Response]] = {
            FaultKind.TOO_MANY: lambda: self._wire.too_many(None),
            FaultKind.TOO_MANY_RETRY_AFTER: lambda: self._retry_after(fault),
            FaultKind.FAILED: lambda: self._wire.error(500, "Internal server error"),
            FaultKind.DOWN: answers.Dropped,
            FaultKind.HTML: answers.html,
            FaultKind.HUGE: answers.huge,
            FaultKind.ZIP_BOMB: answers.zip_bomb,
            FaultKind.REDIRECT_LOOPBACK: lambda: answers.redirect(_loopback(request)),
            FaultKind.REDIRECT_ELSEWHERE: lambda: answers.redirect("https://elsewhere.invalid/stolen"),
            FaultKind.REDIRECT_SAME: lambda: answers.redirect(again),
        }
        maker = makers.get(fault.kind)
        return maker() if maker else None

    def _retry_after(self, fault: Fault) -> Response:
        refused = self._wire.too_many(None)
        refused.status_code = 429
        refused.headers["Retry-After"] = fault.retry_after
        return refused

    async def _admitted(self, request: Request, endpoint: Endpoint) -> Response:
        wire = self._wire
        refusal = wire.refusal(request) if endpoint.needs_key else None
        if refusal is not None:
            return refusal
        kind = endpoint.kind_of(request)
        if kind in UNCOUNTED:
            return await _handled(endpoint, request)
        admission = wire.side.limiter.admit(wire.limits_of(request, kind), time.monotonic())
        if admission.refused_by is not None:
            response = wire.too_many(admission.refused_by)
        else:
            response = await _handled(endpoint, request)
        response.headers.update(wire.rate_headers(admission.usages))
        return response


async def _handled(endpoint: Endpoint, request: Request) -> Response:
    try:
        return await endpoint.handler(request)
    except Refused as refused:
        return refused.response


def _spoiled(response: Response, kind: FaultKind) -> Response:
    if kind is FaultKind.CUT:
        return answers.cut_off(response)
    spoil = _SPOILED.get(kind)
    return corruption.spoiled(response, spoil(bytes(response.body))) if spoil and response.body else response


def _loopback(request: Request) -> str:
    """This very server, by another of its names."""
    host = "127.0.0.1" if request.url.hostname == "localhost" else "localhost"
    return f"http://{host}:{request.url.port}/trap"
