"""The OpenAPI document and the page that shows it."""

from threading import Lock
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse

from app.routers.documentation import error_schemas
from app.routers.routing import Router

DESCRIPTION = """
Playledger counts plays exactly once: every view, every play event, every licence, every second watched.

* **Identity**: `Authorization: Bearer <JWT>`; the user is its `sub`. `playledger token` mints one to try it.
* **Ids** are strings, those of series integers. A song answers to its id and to its slug.
* **Errors** have one shape: `{"success": false, "error": "<sentence>", "code": "<CODE>"}`, for bad input with `errors`.
* **Live counts** come over Socket.IO at `/socket.io`: send `subscribe` with `{"songId"}`, hear
  `copyright-free-song-interaction-updated`; or `{"trackId"}`, and hear `track-listeners-updated`. Admins send
  `{"room": "admin:sync"}`, and hear `sync-progress`.
* **Episodes** are for members of a tenant: `X-Tenant-Id` names one of the token's `tenants`. Bodies and answers are
  snake_case, ids integers, and every address works with and without the slash at its end.
* **Music licensing** answers with the bare object, or with `items` and `nextCursor`; statistics and copyright-free
  music put it into `{"success": true, "data": …}`.
* **Somebody else's limits**: `QUOTA_EXCEEDED` (429, with `Retry-After`) is a provider's quota, `UPSTREAM_ERROR` (502) a
  provider that fails; both only when nothing that was kept can stand in.
"""

TAGS = [
    {"name": "Copyright-free music", "description": "One counted view per user and song, live."},
    {"name": "Statistics", "description": "What is played, liked, saved, shared and downloaded, counted once."},
    {"name": "Playlists", "description": "Playlists, and the tracks that artists submit to them."},
    {
        "name": "Music licensing",
        "description": "Tracks of music providers, and proof that every use of them was licensed.",
    },
    {"name": "Episodes", "description": "Shows of a tenant, and watch time that can be believed."},
    {"name": "Own data", "description": "What the caller has done."},
    {"name": "Administration", "description": "For tokens with the role `admin`."},
    {"name": "Operations", "description": "Health and metrics."},
]

_DOCUMENT = "/openapi.json"
_SWAGGER = "/assets/vendor/swagger-ui-5.35.0"

_NEVER_SENT = "422"
_NEVER_USED = ("HTTPValidationError", "ValidationError")

router = Router()


def describe(app: FastAPI) -> None:
    """Let the document say what is sent: FastAPI adds a 422 of its own shape to every route with parameters."""
    generate = app.openapi
    making = Lock()

    def openapi() -> dict[str, Any]:
        # Who comes second waits: FastAPI keeps its own document before we have changed it.
        with making:
            if app.openapi_schema is None:
                app.openapi_schema = _with_errors(_without_422(generate()))
            return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _without_422(document: dict[str, Any]) -> dict[str, Any]:
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["responses"].pop(_NEVER_SENT, None)
    for name in _NEVER_USED:
        document["components"]["schemas"].pop(name, None)
    return document


def _with_errors(document: dict[str, Any]) -> dict[str, Any]:
    document["components"]["schemas"] |= error_schemas()
    return document


@router.get(_DOCUMENT, include_in_schema=False)
def document(request: Request) -> JSONResponse:
    """The OpenAPI document. In a thread: it is made when first asked for, which takes seconds on a small machine."""
    return JSONResponse(request.app.openapi())


@router.get("/docs", include_in_schema=False)
def docs() -> HTMLResponse:
    """The reference, with files of our own: it works without the internet and tells nobody who reads it."""
    return get_swagger_ui_html(
        openapi_url=_DOCUMENT,
        title="Playledger reference",
        swagger_js_url=f"{_SWAGGER}/swagger-ui-bundle.js",
        swagger_css_url=f"{_SWAGGER}/swagger-ui.css",
        swagger_favicon_url=f"{_SWAGGER}/favicon-32x32.png",
    )
