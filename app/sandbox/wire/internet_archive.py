"""The Internet Archive: a search over items, and the files of an item, each of which may be a track.

Sources: archive.org/developers/md-read.html and advancedsearch.php. Nothing is published on limits and errors. Numbers
are texts, and what there is one of may be a text or a list; an item that is not there is an empty object.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.models.licensing.providers import ProviderName
from app.sandbox.audio import tone_of
from app.sandbox.tracks import SandboxTrack, licence_url
from app.sandbox.wire.archive_shape import FIELDS, described, details, files_of, stem
from app.sandbox.wire.base import Endpoint, Wire
from app.sandbox.wire.lucene import clauses_of
from app.sandbox.wire.query import whole

_USUAL_ROWS = 50
_DEEPEST = 10_000

Tracks = Sequence[SandboxTrack]


class InternetArchive(Wire):
    """`/internet_archive`."""

    name: ClassVar = ProviderName.INTERNET_ARCHIVE
    prefix: ClassVar = "/internet_archive"

    def endpoints(self) -> Sequence[Endpoint]:
        """The search, one item, and its files."""
        return (
            Endpoint("/advancedsearch.php", "search", self._search),
            Endpoint("/metadata/{identifier}", "track", self._metadata),
            Endpoint("/download/{identifier}/{file:path}", "audio", self._download),
        )

    def error(self, status: int, message: str) -> Response:
        """How it words errors is not public."""
        return PlainTextResponse(message, status)

    async def _search(self, request: Request) -> Response:
        query = request.query_params
        if query.get("output") != "json":
            return PlainTextResponse("<html><title>Search results</title></html>", media_type="text/html")
        found = self._found(query.get("q", ""))
        rows, page = max(0, whole(query, "rows", _USUAL_ROWS)), max(1, whole(query, "page", 1))
        start = (page - 1) * rows
        if start + rows > _DEEPEST:
            return self.error(400, "Requests this deep are not allowed")
        wanted = query.getlist("fl[]") or list(FIELDS)
        docs = [_only(described(item, tracks), wanted) for item, tracks in found[start : start + rows]]
        head = {"status": 0, "QTime": 3, "params": {"query": query.get("q", ""), "rows": str(rows), "start": start}}
        return JSONResponse(
            {"responseHeader": head, "response": {"numFound": len(found), "start": start, "docs": docs}}
        )

    async def _metadata(self, request: Request) -> Response:
        identifier = request.path_params["identifier"]
        tracks = self.side.catalogue.items.get(identifier)
        return JSONResponse(details(identifier, tracks) if tracks else {})

    async def _download(self, request: Request) -> Response:
        identifier, name = request.path_params["identifier"], request.path_params["file"]
        for track in self.side.catalogue.items.get(identifier, ()):
            if stem(track) == name.rpartition(".")[0] and name in {one["name"] for one in files_of(track)}:
                return Response(tone_of(track), media_type="audio/wav")
        return PlainTextResponse("Not found", 404)

    def _found(self, query: str) -> list[tuple[str, Tracks]]:
        clauses = clauses_of(query)
        return [
            (item, tracks)
            for item, tracks in self.side.catalogue.items.items()
            if all(clause.matches(_searched(item, tracks)) for clause in clauses)
        ]


def _searched(item: str, tracks: Tracks) -> Mapping[str, str]:
    """What queries look at, in lower case; the licence as the index believes it."""
    head = tracks[0]
    return {
        "": " ".join(one.text for one in tracks),
        "identifier": item,
        "title": head.album.lower(),
        "creator": head.artist.lower(),
        "subject": " ".join((*head.genres, *head.moods)),
        "licenseurl": licence_url(head.indexed_licence, head.licence_version),
    }


def _only(document: dict[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    return {name: document[name] for name in wanted if document.get(name)}
