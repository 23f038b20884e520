"""Jamendo: everything is 200, what went wrong is a code in the body; `offset` and `limit`, `fullcount`.

Sources: developer.jamendo.com/v3.0 (read methods, tracks, response codes, tracks/file).
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.models.licensing.providers import ProviderName
from app.sandbox.limits import Usage
from app.sandbox.tracks import SandboxTrack
from app.sandbox.wanted import Bounds, Wanted, words_of
from app.sandbox.wire.base import Endpoint, Wire
from app.sandbox.wire.jamendo_shape import ENERGIES, shown
from app.sandbox.wire.query import flag, whole

_USUAL_LIMIT, _LARGEST_LIMIT = 10, 200
_SIMILAR = 10
_BAD_CLIENT, _RATE_LIMIT, _NO_METHOD, _EXCEPTION = 5, 6, 7, 1
_CODES = {401: _BAD_CLIENT, 404: _NO_METHOD, 429: _RATE_LIMIT, 500: _EXCEPTION}

Json = dict[str, Any]


class Jamendo(Wire):
    """`/jamendo/v3.0`, with and without the final slash."""

    name: ClassVar = ProviderName.JAMENDO
    prefix: ClassVar = "/jamendo/v3.0"
    secret_params: ClassVar = frozenset({"client_id"})

    def endpoints(self) -> Sequence[Endpoint]:
        """Tracks, the file of one, and what is similar."""
        table = (
            Endpoint("/tracks", "search", self._tracks, detail="id"),
            Endpoint("/tracks/similar", "similar", self._similar),
            Endpoint("/tracks/file", "download", self._file),
        )
        return (*table, *(Endpoint(f"{one.path}/", one.kind, one.handler, detail=one.detail) for one in table))

    def error(self, status: int, message: str) -> Response:
        """The code decides; only an exception of theirs shows in the status, too."""
        code = _CODES.get(status, _EXCEPTION)
        headers = {"status": "failed", "code": code, "error_message": message, "warnings": "", "results_count": 0}
        return JSONResponse({"headers": headers, "results": []}, 500 if code == _EXCEPTION else 200)

    def refusal(self, request: Request) -> Response | None:
        """`client_id` in the query."""
        if self.side.credentials.accept(clientId=request.query_params.get("client_id")):
            return None
        return self.error(401, "Your credential is not authorized.")

    def too_many(self, usage: Usage | None) -> Response:
        """Code 6, without a word on when to come back."""
        del usage
        return self.error(429, "Rate limit exceeded")

    async def _tracks(self, request: Request) -> Response:
        query = request.query_params
        found = self._found(query)
        limit, offset = whole(query, "limit", _USUAL_LIMIT), max(0, whole(query, "offset", 0))
        page = found[offset : offset + max(0, min(limit, _LARGEST_LIMIT))]
        said = "" if limit <= _LARGEST_LIMIT else f"limit has been set to {_LARGEST_LIMIT}"
        full = len(found) if flag(query, "fullcount") else None
        return self._listed(request, page, said, full)

    async def _similar(self, request: Request) -> Response:
        known = self.side.catalogue.tracks.get(request.query_params.get("id", ""))
        if known is None:
            return self._listed(request, [])
        alike = self.side.catalogue.find(Wanted(genres=known.genres[:1]))
        return self._listed(request, [one for one in alike if one.id != known.id][:_SIMILAR])

    async def _file(self, request: Request) -> Response:
        track = self.side.catalogue.tracks.get(request.query_params.get("id", ""))
        if track is None or not track.is_downloadable:
            return Response(status_code=404)
        return RedirectResponse(self.open_audio(request, track, "full.mp3"), 302)

    def _found(self, query: Mapping[str, str]) -> Sequence[SandboxTrack]:
        if "id" in query:
            tracks = self.side.catalogue.tracks
            return [tracks[one] for one in _several(query["id"]) if one in tracks]
        found = self.side.catalogue.find(_wanted(query))
        every, any_of = set(_several(query.get("tags", ""))), set(_several(query.get("fuzzytags", "")))
        return [
            one
            for one in found
            if every <= _tags(one) and (not any_of or any_of & _tags(one)) and _has_licence(one, query)
        ]

    def _listed(
        self, request: Request, tracks: Sequence[SandboxTrack], warnings: str = "", full: int | None = None
    ) -> Response:
        headers: Json = {"status": "success", "code": 0, "error_message": "", "warnings": warnings}
        headers["results_count"] = len(tracks)
        if full is not None:
            headers["results_fullcount"] = full
        with_info = "musicinfo" in _several(request.query_params.get("include", ""))
        results = [self._shown(request, one, with_info=with_info) for one in tracks]
        return JSONResponse({"headers": headers, "results": results})

    def _shown(self, request: Request, track: SandboxTrack, *, with_info: bool) -> Json:
        audio, artwork = self.open_audio(request, track, "full.mp3"), self.artwork(request, track)
        return shown(track, audio=audio, artwork=artwork, with_info=with_info)


def _wanted(query: Mapping[str, str]) -> Wanted:
    sung = {"vocal": True, "instrumental": False}.get(query.get("vocalinstrumental", ""))
    low, _, high = query.get("durationbetween", "").partition("_")
    return Wanted(
        words=(*words_of(query.get("search")), *words_of(query.get("namesearch"))),
        energy=ENERGIES.get(query.get("speed", ""), ""),
        duration=Bounds(float(low), float(high)) if low.isdecimal() and high.isdecimal() else Bounds(),
        vocals=sung,
        content_id_free=flag(query, "content_id_free"),
    )


def _has_licence(track: SandboxTrack, query: Mapping[str, str]) -> bool:
    """Whether each part of the licence is there, or not, as is asked for."""
    parts = track.indexed_licence.split("-")
    asked = {part: flag(query, f"cc{part}") for part in ("nc", "nd", "sa")}
    return all(wanted in {None, part in parts} for part, wanted in asked.items())


def _tags(track: SandboxTrack) -> set[str]:
    return {name.replace(" ", "") for name in (*track.genres, *track.moods, *track.instruments)}


def _several(text: str) -> list[str]:
    return text.replace("+", " ").split()
