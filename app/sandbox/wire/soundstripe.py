"""Soundstripe: JSON:API with `included`, pages of at most 100, a token, 25 calls a second, addresses that end.

Sources: docs.soundstripe.com (the song and audio file objects, pagination, errors). How the service treats a page size
above 100 is not public: it is cut to 100 here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.models.licensing.providers import ProviderName
from app.sandbox import words
from app.sandbox.addresses import root_of
from app.sandbox.tracks import SandboxTrack
from app.sandbox.wanted import Wanted, listed, words_of
from app.sandbox.wire.base import Endpoint, Wire
from app.sandbox.wire.query import bounds, flag, whole

_LARGEST_PAGE, _USUAL_PAGE = 100, 10
_TAGS = {"characteristic": ("Minimal",), "genre": words.GENRES, "instrument": words.INSTRUMENTS, "mood": words.MOODS}

Json = dict[str, Any]


class JsonApi(JSONResponse):
    """What JSON:API calls itself."""

    media_type = "application/vnd.api+json"


class Soundstripe(Wire):
    """`/soundstripe/v1`."""

    name: ClassVar = ProviderName.SOUNDSTRIPE
    prefix: ClassVar = "/soundstripe/v1"

    def endpoints(self) -> Sequence[Endpoint]:
        """Songs and tags."""
        return (
            Endpoint("/songs", "search", self._songs),
            Endpoint("/songs/{id}", "track", self._song),
            Endpoint("/tags", "tags", self._tags),
        )

    def error(self, status: int, message: str) -> Response:
        """With `status` as a number."""
        return JsonApi({"errors": [{"detail": message, "status": status}]}, status)

    def refusal(self, request: Request) -> Response | None:
        """`Authorization: Token <key>`."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme == "Token" and self.side.credentials.accept(apiKey=key):
            return None
        return self.error(401, "Invalid API key")

    async def _songs(self, request: Request) -> Response:
        found = self.side.catalogue.find(_wanted(request.query_params))
        size = max(1, min(_LARGEST_PAGE, whole(request.query_params, "page[size]", _USUAL_PAGE)))
        page = max(1, whole(request.query_params, "page[number]", 1))
        shown = found[(page - 1) * size : page * size]
        return JsonApi(self._document(request, shown) | {"links": _links(request, page, size, len(found))})

    async def _song(self, request: Request) -> Response:
        track = self.side.catalogue.tracks.get(request.path_params["id"])
        if track is None:
            return self.error(404, f"Couldn't find Song with 'id'={request.path_params['id']}")
        document = self._document(request, [track])
        return JsonApi(document | {"data": document["data"][0]})

    async def _tags(self, request: Request) -> Response:
        names = _TAGS.get(request.query_params.get("filter[category]", ""), ())
        data = [{"id": str(at), "type": "tags", "attributes": {"name": name}} for at, name in enumerate(names, start=1)]
        return JsonApi({"data": data})

    def _document(self, request: Request, tracks: Sequence[SandboxTrack]) -> Json:
        artists = {one.artist_number: _artist(one) for one in tracks}
        files = [file for one in tracks for file in self._files(request, one)]
        return {"data": [_data(one) for one in tracks], "included": [*artists.values(), *files]}

    def _files(self, request: Request, track: SandboxTrack) -> list[Json]:
        """The primary one, and the same without a voice when there is one."""
        kinds = [("Full [Primary]", False), ("Instrumental", True)] if track.vocals else [("Full [Primary]", True)]
        return [
            {
                "id": file_id,
                "type": "audio_files",
                "attributes": {
                    "description": kind,
                    "duration": track.duration,
                    "instrumental": instrumental,
                    "versions": {
                        format_: self.signed_audio(request, track, f"{file_id}.{format_}") for format_ in ("mp3", "wav")
                    },
                },
            }
            for file_id, (kind, instrumental) in zip(_file_ids(track), kinds, strict=False)
        ]


def _wanted(query: Mapping[str, str]) -> Wanted:
    instrumental, vocals = flag(query, "filter[instrumental]"), flag(query, "filter[vocals]")
    return Wanted(
        words=words_of(query.get("filter[q]")),
        genres=listed(query.get("filter[tags][genre]")),
        moods=listed(query.get("filter[tags][mood]")),
        instruments=listed(query.get("filter[tags][instrument]")),
        key=query.get("filter[key][name]", ""),
        mode=query.get("filter[key][mode]", ""),
        energy=query.get("filter[energy]", ""),
        bpm=bounds(query, "filter[bpm][min]", "filter[bpm][max]"),
        duration=bounds(query, "filter[duration][min]", "filter[duration][max]"),
        vocals=vocals if instrumental is None else not instrumental,
    )


def _links(request: Request, page: int, size: int, total: int) -> Json:
    last = max(1, -(-total // size))
    pages = {
        "self": page,
        "first": 1,
        "prev": page - 1 or None,
        "next": page + 1 if page < last else None,
        "last": last,
    }
    links = {name: _address(request, number) if number else None for name, number in pages.items()}
    return links | {"meta": {"total_count": total}}


def _address(request: Request, page: int) -> str:
    others = [(name, value) for name, value in request.query_params.multi_items() if name != "page[number]"]
    return f"{root_of(request)}{request.url.path}?{urlencode([*others, ('page[number]', page)])}"


def _data(track: SandboxTrack) -> Json:
    files = [{"id": file_id, "type": "audio_files"} for file_id in _file_ids(track)]
    return {
        "id": track.id,
        "type": "songs",
        "attributes": {
            "title": track.title,
            "bpm": float(track.bpm),
            "explicit": track.explicit,
            "key": {"name": track.key, "mode": track.mode},
            "tags": {
                "characteristic": ["Minimal"],
                "genre": [one.title() for one in track.genres],
                "instrument": [one.title() for one in track.instruments],
                "mood": [one.title() for one in track.moods],
            },
        },
        "relationships": {
            "artists": {"data": [{"id": str(track.artist_number), "type": "artists"}]},
            "audio_files": {"data": files},
        },
    }


def _artist(track: SandboxTrack) -> Json:
    return {"id": str(track.artist_number), "type": "artists", "attributes": {"name": track.artist}}


def _file_ids(track: SandboxTrack) -> list[str]:
    return [f"{track.id}1", f"{track.id}2"] if track.vocals else [f"{track.id}1"]
