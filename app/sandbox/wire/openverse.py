"""Openverse: twenty results a page and 240 deep without a token, counters in headers per scope, milliseconds.

Sources: the OpenAPI document of api.openverse.org, and WordPress/openverse (throttle headers and scopes). What a page
may hold with a token is not public: 50 here. A refusal says when to come back only
by the counters in its headers.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.models.licensing.providers import ProviderName
from app.sandbox.limits import Limit, Usage
from app.sandbox.tracks import SandboxTrack
from app.sandbox.wanted import Bounds, Wanted, listed, words_of
from app.sandbox.wire.base import Endpoint, Refused, Wire
from app.sandbox.wire.openverse_shape import LICENCES, shown
from app.sandbox.wire.query import whole
from app.sandbox.wire.tokens import bearer_of, form_of

_DEPTH = 240
_PAGE, _PAGE_WITH_TOKEN = 20, 50
_LONGEST_QUERY = 200
_RELATED = 10
_TOKEN_SECONDS = 36_000
_LENGTHS = {
    "shortest": Bounds(None, 30),
    "short": Bounds(30, 120),
    "medium": Bounds(120, 600),
    "long": Bounds(600, None),
}
_SCOPE_SECONDS = {1.0: "s", 60.0: "min", 3_600.0: "hour", 86_400.0: "day"}


class Openverse(Wire):
    """`/openverse/v1`; every address has its final slash."""

    name: ClassVar = ProviderName.OPENVERSE
    prefix: ClassVar = "/openverse/v1"

    def endpoints(self) -> Sequence[Endpoint]:
        """Token, recordings, one recording, what is related; without the slash one is sent to the address with it."""
        table = (
            Endpoint("/audio/", "search", self._audios),
            Endpoint("/audio/{id}/", "track", self._audio),
            Endpoint("/audio/{id}/related/", "similar", self._related),
            Endpoint("/auth_tokens/token/", "token", self._token, method="POST", needs_key=False),
        )
        slashed = [Endpoint(one.path.rstrip("/"), one.kind, _with_slash, needs_key=False) for one in table]
        return (*table, *slashed)

    def error(self, status: int, message: str) -> Response:
        """One sentence."""
        return JSONResponse({"detail": message}, status)

    def refusal(self, request: Request) -> Response | None:
        """A token is optional, but a wrong one is not."""
        token = bearer_of(request)
        if token is None or self.side.credentials.is_open_to(token):
            return None
        return self.error(401, "Authentication credentials were not provided.")

    def too_many(self, usage: Usage | None) -> Response:
        """As Django REST framework words it."""
        seconds = f" Expected available in {math.ceil(usage.reset_after)} seconds." if usage else ""
        return self.error(429, f"Request was throttled.{seconds}")

    def limits_of(self, request: Request, kind: str) -> Sequence[Limit]:
        """Those without a name of a scope count everybody."""
        others = "oauth2" if bearer_of(request) is None else "anon"
        return [one for one in super().limits_of(request, kind) if not one.name.startswith(others)]

    def rate_headers(self, usages: Sequence[Usage]) -> Mapping[str, str]:
        """Two for each scope."""
        headers = {}
        for one in usages:
            window = _SCOPE_SECONDS.get(one.limit.seconds, f"{one.limit.seconds:g}s")
            headers[f"X-RateLimit-Limit-{one.limit.name}"] = f"{one.limit.limit}/{window}"
            headers[f"X-RateLimit-Available-{one.limit.name}"] = str(one.remaining)
        return headers

    async def _token(self, request: Request) -> Response:
        form = await form_of(request)
        if form is None or form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        given = {"clientId": form.get("client_id"), "clientSecret": form.get("client_secret")}
        if not self.side.credentials.accept(**given):
            return JSONResponse({"error": "invalid_client"}, 401)
        seconds = min(_TOKEN_SECONDS, self._world.lifetimes.tokens * 10)
        token = self.side.credentials.issue(seconds)
        body = {"access_token": token, "scope": "read write", "expires_in": int(seconds), "token_type": "Bearer"}
        return JSONResponse(body)

    async def _audios(self, request: Request) -> Response:
        found = self._found(request)
        page, size = self._page(request)
        count = min(len(found), _DEPTH)
        results = found[(page - 1) * size : page * size]
        return self._listed(request, results, count, page, size)

    async def _audio(self, request: Request) -> Response:
        return JSONResponse(self._shown(request, self._known(request)))

    async def _related(self, request: Request) -> Response:
        known = self._known(request)
        alike = self.side.catalogue.find(Wanted(genres=known.genres[:1]))
        found = [one for one in alike if one.id != known.id][:_RELATED]
        return self._listed(request, found, len(found), 1, _RELATED)

    def _known(self, request: Request) -> SandboxTrack:
        track = self.side.catalogue.tracks.get(request.path_params["id"])
        if track is None:
            raise Refused(self.error(404, "Not found."))
        return track

    def _page(self, request: Request) -> tuple[int, int]:
        """The page and its size, or a 401 that has nothing to do with tokens."""
        page, size = max(1, whole(request.query_params, "page", 1)), whole(request.query_params, "page_size", _PAGE)
        is_anonymous = bearer_of(request) is None
        largest = _PAGE if is_anonymous else _PAGE_WITH_TOKEN
        whom = "anonymous" if is_anonymous else "authenticated"
        if not 0 < size <= largest:
            raise Refused(self.error(401, f"page_size may not exceed {largest} for {whom} requests"))
        if page * size > _DEPTH:
            raise Refused(self.error(401, f"pagination depth may not exceed {_DEPTH} for {whom} requests"))
        return page, size

    def _found(self, request: Request) -> Sequence[SandboxTrack]:
        query = request.query_params
        licences = frozenset(listed(query.get("license")))
        if len(query.get("q", "")) > _LONGEST_QUERY:
            raise Refused(_bad_input("q", "Ensure this field has no more than 200 characters."))
        if licences - set(LICENCES):
            raise Refused(_bad_input("license", "Select a valid choice."))
        lengths = [_LENGTHS[name] for name in listed(query.get("length")) if name in _LENGTHS]
        found = self.side.catalogue.find(Wanted(words=words_of(query.get("q")), licences=licences or None))
        return [one for one in found if not lengths or any(length.hold(one.duration) for length in lengths)]

    def _listed(
        self, request: Request, results: Sequence[SandboxTrack], count: int, page: int, size: int
    ) -> JSONResponse:
        return JSONResponse(
            {
                "result_count": count,
                "page_count": math.ceil(count / size),
                "page_size": size,
                "page": page,
                "results": [self._shown(request, one) for one in results],
            }
        )

    def _shown(self, request: Request, track: SandboxTrack) -> dict[str, Any]:
        return shown(
            track,
            audio=self.open_audio(request, track, "full.mp3"),
            artwork=self.artwork(request, track),
            address=f"{self.base(request)}/audio/{track.id}/",
        )


async def _with_slash(request: Request) -> Response:
    return RedirectResponse(f"{request.url.path}/?{request.url.query}", 301)


def _bad_input(field: str, why: str) -> Response:
    detail = f"Invalid input given for fields. '{field}' -> {why}"
    return JSONResponse({"error": "InputError", "detail": detail, "fields": [field]}, 400)
