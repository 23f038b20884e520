"""`/control`: what tests and people set and read."""

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.models.licensing.providers import ProviderName
from app.sandbox.calls import CallLog, CallMade
from app.sandbox.control_bodies import (
    CredentialChange,
    FaultOrder,
    Growth,
    LatencyChange,
    LifetimeChange,
    LimitChange,
    Reset,
    TrackChange,
)
from app.sandbox.peaks import RollingPeaks
from app.sandbox.tracks import SandboxTrack
from app.sandbox.world import TRAP, Side, World

Body = TypeVar("Body", bound=BaseModel)


class Control:
    """Answers for one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._offered: list[str] = []

    def routes(self) -> Sequence[Route]:
        """All of `/control`."""
        table = (
            ("GET", "", self._index),
            ("GET", "/calls", self._calls),
            ("GET", "/peaks", self._peaks),
            ("POST", "/faults", self._order),
            ("DELETE", "/faults", self._clear),
            ("POST", "/reset", self._reset),
            ("GET", "/tracks/{provider}", self._tracks),
            ("POST", "/tracks/{provider}", self._grow),
            ("PUT", "/tracks/{provider}/{id:path}", self._change),
            ("DELETE", "/tracks/{provider}/{id:path}", self._vanish),
            ("PUT", "/limits", self._limit),
            ("PUT", "/latency", self._delay),
            ("PUT", "/lifetimes", self._outlive),
            ("POST", "/credentials", self._trust),
        )
        self._offered = [f"{method} /control{path}" for method, path, _ in table]
        return [Route(f"/control{path}", _checked(handler), methods=[method]) for method, path, handler in table]

    async def _index(self, _request: Request) -> Any:
        return {"routes": self._offered}

    async def _calls(self, request: Request) -> Any:
        """The kept ones, oldest first; of one provider, and of one kind, when they are named."""
        kind = request.query_params.get("kind")
        logs = self._logs(request.query_params.get("provider"))
        calls = [_call(name, one) for name, log in logs.items() for one in log.calls if kind in {None, one.kind}]
        calls.sort(key=lambda one: one["at"])
        return {"calls": calls, "total": sum(log.total for log in logs.values())}

    async def _peaks(self, request: Request) -> Any:
        """The most calls in any rolling window; with `seconds`, also in any stretch of that length."""
        seconds = request.query_params.get("seconds")
        logs = self._logs(request.query_params.get("provider"))
        return {
            name: {kind: _peaks(peaks, float(seconds) if seconds else None) for kind, peaks in log.peaks.items()}
            for name, log in logs.items()
        }

    async def _order(self, request: Request) -> Any:
        order = await _body(request, FaultOrder)
        for side in self._sides(order.provider):
            side.faults.order(order.fault())

    async def _clear(self, request: Request) -> Any:
        for side in self._sides(request.query_params.get("provider")):
            side.faults.clear()

    async def _reset(self, request: Request) -> Any:
        self._world.reset(with_catalogue=(await _body(request, Reset)).catalogue)

    async def _tracks(self, request: Request) -> Any:
        """All of one provider as the sandbox keeps them; with `usable=true` those that may be offered."""
        only_usable = request.query_params.get("usable") == "true"
        tracks = self._side(request).catalogue.tracks.values()
        return {"tracks": [_track(one) for one in tracks if one.is_usable or not only_usable]}

    async def _grow(self, request: Request) -> Any:
        made = self._side(request).catalogue.grow((await _body(request, Growth)).count)
        return {"tracks": [_track(one) for one in made]}

    async def _change(self, request: Request) -> Any:
        change = await _body(request, TrackChange)
        changed = self._side(request).catalogue.change(request.path_params["id"], change.fields())
        if changed is None:
            raise LookupError("no such track")
        return _track(changed)

    async def _vanish(self, request: Request) -> Any:
        if not self._side(request).catalogue.vanish(request.path_params["id"]):
            raise LookupError("no such track")

    async def _limit(self, request: Request) -> Any:
        change = await _body(request, LimitChange)
        for side in self._sides(change.provider):
            side.limit(change.of_sandbox())

    async def _delay(self, request: Request) -> Any:
        change = await _body(request, LatencyChange)
        for side in self._sides(change.provider):
            side.latency_ms = change.ms

    async def _outlive(self, request: Request) -> Any:
        change = await _body(request, LifetimeChange)
        self._world.lifetimes = dataclasses.replace(
            self._world.lifetimes, **change.model_dump(exclude_none=True, by_alias=False)
        )

    async def _trust(self, request: Request) -> Any:
        change = await _body(request, CredentialChange)
        for side in self._sides(change.provider):
            if change.expired:
                side.credentials.expire()
            else:
                side.credentials.restore()

    def _side(self, request: Request) -> Side:
        return self._world.sides[ProviderName(request.path_params["provider"])]

    def _sides(self, provider: str | None) -> list[Side]:
        return [self._world.sides[ProviderName(provider)]] if provider else list(self._world.sides.values())

    def _logs(self, provider: str | None) -> dict[str, CallLog]:
        if provider == TRAP:
            return {TRAP: self._world.trapped}
        logs = {side.provider.value: side.calls for side in self._sides(provider)}
        return logs if provider else logs | {TRAP: self._world.trapped}


def _checked(handler: Any) -> Any:
    """The handler's answer as JSON; 204 without one, 404 and 400 with a sentence."""

    async def answer(request: Request) -> Response:
        try:
            said = await handler(request)
        except (LookupError, ValidationError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 404 if isinstance(error, LookupError) else 400)
        return Response(status_code=204) if said is None else JSONResponse(said)

    return answer


async def _body(request: Request, model: type[Body]) -> Body:
    return model.model_validate_json(await request.body() or b"{}")


def _call(provider: str, call: CallMade) -> dict[str, Any]:
    return {"provider": provider, **dataclasses.asdict(call)}


def _peaks(peaks: RollingPeaks, seconds: float | None) -> dict[str, Any]:
    shown = {**peaks.peaks, "calls": peaks.count, "isExact": peaks.is_exact}
    return shown if seconds is None else shown | {"within": peaks.most_within(seconds)}


def _track(track: SandboxTrack) -> dict[str, Any]:
    shown = TrackChange.model_validate(dataclasses.asdict(track)).model_dump(mode="json", by_alias=True)
    return {"id": track.id, "usable": track.is_usable, **shown}
