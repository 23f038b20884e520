"""HookSounds: products of an Easy Digital Downloads shop, `key` and `token` in the query, durations as `M:SS`.

Sources: docs.hooksounds.com/asset/track (the product), easydigitaldownloads.com/docs/edd-rest-api (paging, keys). What
errors look like at HookSounds itself is not public; these are like the shop's.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.models.licensing.providers import ProviderName
from app.sandbox import words
from app.sandbox.tracks import SandboxTrack
from app.sandbox.wanted import Wanted, words_of
from app.sandbox.wire.base import Endpoint, Wire
from app.sandbox.wire.query import whole

_USUAL_PAGE = 10
_EVERYTHING = -1

Json = dict[str, Any]


class HookSounds(Wire):
    """`/hooksounds/edd-api`."""

    name: ClassVar = ProviderName.HOOKSOUNDS
    prefix: ClassVar = "/hooksounds/edd-api"
    secret_params: ClassVar = frozenset({"key", "token"})

    def endpoints(self) -> Sequence[Endpoint]:
        """Products, with and without the final slash."""
        return tuple(Endpoint(path, "search", self._products, detail="product") for path in ("/products/", "/products"))

    def error(self, status: int, message: str) -> Response:
        """One sentence."""
        return JSONResponse({"error": message}, status)

    def refusal(self, request: Request) -> Response | None:
        """Both are needed."""
        key, token = request.query_params.get("key"), request.query_params.get("token")
        if not key or not token:
            return self.error(401, "You must specify both a token and API key!")
        if not self.side.credentials.accept(key=key, token=token):
            return self.error(401, "Your request could not be authenticated!")
        return None

    async def _products(self, request: Request) -> Response:
        query = request.query_params
        if "product" in query:
            return self._product(request, query["product"])
        found = self.side.catalogue.find(Wanted(words=words_of(query.get("s"))))
        size, page = whole(query, "number", _USUAL_PAGE), max(1, whole(query, "page", 1))
        shown = found if size == _EVERYTHING else found[(page - 1) * size : page * size]
        return JSONResponse({"products": [self._shown(request, one) for one in shown]})

    def _product(self, request: Request, track_id: str) -> Response:
        track = self.side.catalogue.tracks.get(track_id)
        if track is None:
            return self.error(404, f"Product {track_id} not found!")
        return JSONResponse({"products": [self._shown(request, track)]})

    def _shown(self, request: Request, track: SandboxTrack) -> Json:
        slug = track.title.lower().replace(" ", "-")
        info = {
            "id": int(track.id),
            "slug": slug,
            "title": track.title,
            "create_date": _date(track.released_at),
            "modified_date": _date(track.modified_at),
            "status": "publish",
            "link": f"https://hooksounds.example/{slug}/",
            "content": f"<p>{track.title}, made by nobody in particular.</p>",
            "excerpt": "",
            "thumbnail": self.artwork(request, track),
            "category": [_term(name, words.GENRES) for name in track.genres],
            "tags": [_term(name, words.MOODS) for name in track.moods],
            "bpm": track.bpm,
            "duration": f"{int(track.duration) // 60}:{int(track.duration) % 60:02d}",
            "mp3": self.open_audio(request, track, "preview.mp3"),
        }
        return {"info": info, "pricing": {"prolicense": "49.00", "businesslicense": "199.00"}}


def _term(name: str, among: tuple[str, ...]) -> Json:
    number = among.index(name) + 1 if name in among else 0
    slug = name.replace(" ", "-")
    return {"term_id": number, "name": name.title(), "slug": slug, "description": "", "parent": 0, "count": 1}


def _date(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
