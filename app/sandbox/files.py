"""`/audio` and `/artwork`: the sound of tracks, some of it behind addresses that end, and their covers."""

import time

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from app.models.licensing.providers import ProviderName
from app.sandbox.addresses import audio_path
from app.sandbox.artwork import cover_of
from app.sandbox.audio import tone_of
from app.sandbox.calls import CallMade
from app.sandbox.tracks import SandboxTrack
from app.sandbox.world import Side, World

_SIGNED = frozenset({ProviderName.SOUNDSTRIPE, ProviderName.ARTLIST})


class Files:
    """What tracks sound and look like; the sound is always a WAV, whatever the file's name says."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def audio(self, request: Request) -> Response:
        """`/audio/{provider}/{id}/{file}`; 403 when the address has ended or was never signed."""
        side = self._side(request)
        if side is None:
            return PlainTextResponse("Not found", 404)
        call = CallMade(time.time(), "audio", request.method, request.url.path, ())
        side.calls.add(call, time.monotonic())
        response = self._sound(request, side)
        call.status = response.status_code
        return response

    async def artwork(self, request: Request) -> Response:
        """`/artwork/{provider}/{id}`, as SVG."""
        track = self._track(request, self._side(request))
        if track is None:
            return PlainTextResponse("Not found", 404)
        return Response(cover_of(track), media_type="image/svg+xml")

    def _sound(self, request: Request, side: Side) -> Response:
        track = self._track(request, side)
        if track is None:
            return PlainTextResponse("Not found", 404)
        if side.provider in _SIGNED and not self._is_open(request, side.provider, track.id):
            return PlainTextResponse("Request has expired", 403)
        return Response(tone_of(track), media_type="audio/wav")

    def _side(self, request: Request) -> Side | None:
        name = request.path_params["provider"]
        return self._world.sides[ProviderName(name)] if name in {one.value for one in ProviderName} else None

    def _track(self, request: Request, side: Side | None) -> SandboxTrack | None:
        return side.catalogue.tracks.get(request.path_params["id"]) if side else None

    def _is_open(self, request: Request, provider: ProviderName, track_id: str) -> bool:
        path = audio_path(provider, track_id, request.path_params["file"])
        query = request.query_params
        return self._world.signer.is_open(path, query.get("expires", ""), query.get("signature", ""))
