"""How errors and headers look in the OpenAPI document."""

from typing import Any

from fastapi.encoders import jsonable_encoder
from pydantic.json_schema import models_json_schema

from app.errors import ErrorCode
from app.models.wire.base import ErrorAnswer

Responses = dict[int | str, dict[str, Any]]

_SCHEMAS = "#/components/schemas/"
# By reference and not as a `model`: of that FastAPI would make a validator of its own for each error of each route,
# a thousand that nobody uses, and a seventh of the time to load the application.
_ERROR = {"$ref": _SCHEMAS + ErrorAnswer.__name__}

_RETRY_AFTER = {"Retry-After": {"description": "Whole seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
_CHALLENGE = {"WWW-Authenticate": {"description": "`Bearer`", "schema": {"type": "string"}}}

_ERRORS: dict[int, tuple[ErrorCode, str, str]] = {
    400: (ErrorCode.VALIDATION_ERROR, "The request is not valid", "A field is wrong, or the body is not JSON."),
    401: (ErrorCode.UNAUTHORIZED, "Authentication required", "There is no token, or none that we believe."),
    403: (ErrorCode.FORBIDDEN, "Only an admin may do this", "The token does not allow it."),
    404: (ErrorCode.NOT_FOUND, "Song not found", "There is no such thing."),
    409: (ErrorCode.CONFLICT, "Another song has this slug", "It contradicts what is there."),
    413: (ErrorCode.PAYLOAD_TOO_LARGE, "The body is larger than 1 MiB", "More was sent than is read."),
    429: (ErrorCode.RATE_LIMITED, "Too many requests, please try again later", "The rate limit is used up."),
    500: (ErrorCode.SERVER_ERROR, "Something went wrong on our side", "A fault of ours; it is logged."),
    502: (
        ErrorCode.UPSTREAM_ERROR,
        "Openverse does not answer",
        "The provider failed, and nothing that was kept can stand in.",
    ),
    503: (ErrorCode.UNAVAILABLE, "The database is away, please try again", "Nothing was lost; call again later."),
}
# Where a provider is asked, it is its quota that runs out: those routes have no rate limit of their own.
_QUOTA_SPENT = (
    ErrorCode.QUOTA_EXCEEDED,
    "The quota of Openverse is used up; the next call is free at 2026-11-21T04:59:47.000Z",
    "The provider's quota is used up, and nothing that was kept can stand in.",
)
_WITH_RETRY_AFTER = {429, 503}

TOKEN_IS_OPTIONAL: dict[str, Any] = {"security": [{}, {"bearer": []}]}


def errors(*statuses: int) -> Responses:
    """The documentation of the errors that a route can answer; every route can answer 500 and 503.

    One with 502 asks a provider: its 429 is `QUOTA_EXCEEDED`.
    """
    asks_provider = 502 in statuses  # noqa: PLR2004
    return {status: _document(status, asks_provider=asks_provider) for status in sorted({*statuses, 500, 503})}


def _document(status: int, *, asks_provider: bool) -> dict[str, Any]:
    is_quota = asks_provider and status == 429  # noqa: PLR2004
    code, sentence, description = _QUOTA_SPENT if is_quota else _ERRORS[status]
    example: dict[str, object] = {"success": False, "error": sentence, "code": code.value}
    if status == 400:  # noqa: PLR2004
        example["errors"] = [{"field": "progressPct", "message": "Input should be less than or equal to 100"}]
    return {
        "description": description,
        "headers": _CHALLENGE if status == 401 else _RETRY_AFTER if status in _WITH_RETRY_AFTER else {},  # noqa: PLR2004
        "content": {"application/json": {"schema": _ERROR, "example": example}},
    }


def error_schemas() -> dict[str, Any]:
    """What the documentation of errors refers to, by name."""
    _, document = models_json_schema([(ErrorAnswer, "serialization")], ref_template=_SCHEMAS + "{model}")
    # As FastAPI writes the others: without `null`.
    defined: dict[str, Any] = jsonable_encoder(document["$defs"], exclude_none=True)
    return defined


def example(data: object) -> Responses:
    """The documentation of an answer that worked."""
    return {200: {"content": {"application/json": {"example": {"success": True, "data": data}}}}}
