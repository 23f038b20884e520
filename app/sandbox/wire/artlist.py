"""Artlist: OAuth2 client credentials, twenty songs a page, limits per path with headers, downloads that end.

Sources: developer.artlist.io (song controller, downloadable controller, general terms, authentication). Which numbers
the categories have is shown to customers only; those that are public are used here, others are ours. How several
categories combine is not public: a song must have all of them here.
"""

import binascii
import math
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.models.licensing.providers import ProviderName
from app.sandbox import words
from app.sandbox.addresses import root_of
from app.sandbox.limits import Usage
from app.sandbox.tracks import SandboxTrack
from app.sandbox.wanted import Wanted, words_of
from app.sandbox.wire.base import Endpoint, Refused, Wire
from app.sandbox.wire.query import bounds, whole
from app.sandbox.wire.tokens import bearer_of, form_of

_PAGE = 20
_PUBLIC = {"cinematic": 62, "electronic": 64, "tense": 15, "dark": 92, "hopeful": 78, "piano": 40}
_OTHERS = (name for name in (*words.GENRES, *words.MOODS, *words.INSTRUMENTS) if name not in _PUBLIC)
CATEGORIES: Mapping[str, int] = _PUBLIC | {name: 1_000 + at for at, name in enumerate(_OTHERS)}
"""The number of every genre, mood and instrument of the sandbox."""
_SUNG = {"VOCAL": True, "VOCAL_AND_INSTRUMENTS": True, "INSTRUMENTAL": False}
_FORMATS = {"mp3": "mp3", "wave": "wav"}

Json = dict[str, Any]


class Artlist(Wire):
    """`/artlist`."""

    name: ClassVar = ProviderName.ARTLIST
    prefix: ClassVar = "/artlist"

    def endpoints(self) -> Sequence[Endpoint]:
        """Token, songs, one song, its download; limits count everything below `/search` as a search."""
        return (
            Endpoint("/oauth2/token", "token", self._token, method="POST", needs_key=False),
            Endpoint("/search/v1/song", "search", self._songs),
            Endpoint("/search/v1/song/{id}", "search", self._song),
            Endpoint("/download/v1/downloadable/song/{id}/{format}", "download", self._download),
        )

    def error(self, status: int, message: str) -> Response:
        """Only the code 1 is public."""
        return JSONResponse({"success": False, "error": {"message": message, "code": 1, "status": status}}, status)

    def refusal(self, request: Request) -> Response | None:
        """`Authorization: Bearer <access token>`."""
        token = bearer_of(request)
        return None if token and self.side.credentials.is_open_to(token) else self.error(401, "Unauthorized")

    def rate_headers(self, usages: Sequence[Usage]) -> Mapping[str, str]:
        """Of the limit that is nearest; `Reset` in seconds from now."""
        if not usages:
            return {}
        nearest = min(usages, key=lambda one: one.remaining)
        return {
            "X-RateLimit-Limit": str(nearest.limit.limit),
            "X-RateLimit-Remaining": str(nearest.remaining),
            "X-RateLimit-Reset": str(math.ceil(nearest.reset_after)),
        }

    async def _token(self, request: Request) -> Response:
        form = await form_of(request)
        if form is None or form.get("grant_type") != "client_credentials":
            return JSONResponse({"error": "unsupported_grant_type"}, 400)
        client, secret = _basic(request)
        if not self.side.credentials.accept(clientId=client, clientSecret=secret):
            return JSONResponse({"error": "invalid_client"}, 401)
        seconds = self._world.lifetimes.tokens
        token = self.side.credentials.issue(seconds)
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": int(seconds)})

    async def _songs(self, request: Request) -> Response:
        page = whole(request.query_params, "page", 0)
        if page < 1:
            return self.error(422, "page must be a positive number")
        found = self._found(request)
        shown = found[(page - 1) * _PAGE : page * _PAGE]
        return JSONResponse({"songs": [self._song_of(request, one) for one in shown], "total": len(found)})

    async def _song(self, request: Request) -> Response:
        return JSONResponse({"song": self._song_of(request, self._known(request))})

    async def _download(self, request: Request) -> Response:
        track, format_ = self._known(request), _FORMATS.get(request.path_params["format"])
        if format_ is None or not track.is_downloadable:
            return self.error(404, "Not found")
        return JSONResponse({"url": self.signed_audio(request, track, f"full.{format_}")})

    def _known(self, request: Request) -> SandboxTrack:
        track = self.side.catalogue.tracks.get(request.path_params["id"])
        if track is None:
            raise Refused(self.error(404, "Not found"))
        return track

    def _found(self, request: Request) -> Sequence[SandboxTrack]:
        query = request.query_params
        wanted = Wanted(
            words=words_of(query.get("query")),
            vocals=_SUNG.get(query.get("vocalType", "")),
            bpm=bounds(query, "bpmMin", "bpmMax"),
            duration=bounds(query, "durationMin", "durationMax"),
        )
        numbers = set(query.getlist("categoryIds"))
        return [one for one in self.side.catalogue.find(wanted) if numbers <= _numbers(one)]

    def _song_of(self, request: Request, track: SandboxTrack) -> Json:
        shown = [name for name in (*track.genres, *track.moods) if name in track.genres or name in _PUBLIC]
        return {
            "id": track.id,
            "name": track.title,
            "artist": _named(track.artist_number, track.artist),
            "album": _named(track.number + 1, track.album),
            "url": self.signed_audio(request, track, "preview.aac"),
            "imageUrl": self.artwork(request, track),
            "thumbImageUrl": self.artwork(request, track),
            "waveSurferUrl": f"{root_of(request)}{self.prefix}/waves/{track.id}.json",
            "duration": track.duration,
            "bpmRate": track.bpm,
            "genreCategories": [{"id": str(CATEGORIES[name]), "name": name} for name in shown if name in CATEGORIES],
        }


def _numbers(track: SandboxTrack) -> set[str]:
    return {str(CATEGORIES.get(name, 0)) for name in (*track.genres, *track.moods, *track.instruments)}


def _named(number: int, name: str) -> Json:
    return {"id": str(number), "name": name, "slug": name.lower().replace(" ", "-")}


def _basic(request: Request) -> tuple[str, str]:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    try:
        client, _, secret = b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (client, secret) if scheme == "Basic" else ("", "")
