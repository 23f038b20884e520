"""What HTTP makes of an error: one table, one shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from slowapi.errors import RateLimitExceeded
from starlette.exceptions import HTTPException

from app.errors import (
    Conflict,
    DomainError,
    ErrorCode,
    Failed,
    FieldError,
    Forbidden,
    Invalid,
    LicenseInvalid,
    NotFound,
    PayloadTooLarge,
    QuotaExceeded,
    RateLimited,
    RetryLater,
    StaleVersion,
    Unauthorized,
    Unavailable,
    UpstreamFailed,
)
from app.routers.allowances import note_allowance

STATUS: Mapping[type[DomainError], int] = {
    Invalid: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    PayloadTooLarge: 413,
    RateLimited: 429,
    QuotaExceeded: 429,
    Failed: 500,
    UpstreamFailed: 502,
    Unavailable: 503,
}

_CODES = {
    400: ErrorCode.VALIDATION_ERROR,
    401: ErrorCode.UNAUTHORIZED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
    503: ErrorCode.UNAVAILABLE,
}
_SENTENCES = {
    404: "There is nothing at this address",
    405: "This method is not allowed at this address",
}

METHOD_NOT_ALLOWED = 405

UNEXPECTED = "Something went wrong on our side"


def install_error_handlers(app: FastAPI) -> None:
    """Give every error of the app the one shape."""
    app.add_exception_handler(DomainError, _on_domain_error)
    app.add_exception_handler(RateLimitExceeded, _on_rate_limit)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_fault)


def error_response(
    status: int,
    message: str,
    code: ErrorCode,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One error in the one shape."""
    content: dict[str, object] = {"success": False, "error": message, "code": code.value}
    if errors:
        content["errors"] = [{"field": fault.field, "message": fault.message} for fault in errors]
    return JSONResponse(content, status, headers)


def status_of(error: DomainError) -> int:
    """The status of the nearest kind of error that the table knows."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def validation_errors(faults: Sequence[Any], skip: int = 0) -> list[FieldError]:
    """The field errors in pydantic's own, without the input that caused them."""
    return [FieldError(".".join(str(part) for part in fault["loc"][skip:]), str(fault["msg"])) for fault in faults]


async def _on_domain_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for this type only
    headers: dict[str, str] = {}
    if isinstance(error, RetryLater):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, QuotaExceeded) and error.allowance is not None:
        note_allowance(request.state, error.allowance)
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, StaleVersion):
        headers["ETag"] = f'"{error.version}"'
    errors = _field_errors(error)
    return error_response(status_of(error), error.message, error.code, errors, headers)


def _field_errors(error: DomainError) -> Sequence[FieldError]:
    if isinstance(error, StaleVersion):
        return [FieldError("version", f"must be {error.version}, the current one")]
    if isinstance(error, LicenseInvalid):
        return [FieldError("license", reason) for reason in error.reasons]
    return error.errors if isinstance(error, Invalid) else ()


async def _on_rate_limit(request: Request, _error: Exception) -> JSONResponse:
    return await _on_domain_error(request, RateLimited(request.state.allowance))


async def _on_invalid_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    # The first part of the location is "query", "path" or "body", which says nothing to the caller.
    faults = validation_errors(error.errors(), skip=1)
    return error_response(400, "The request is not valid", ErrorCode.VALIDATION_ERROR, faults)


async def _on_http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    status = error.status_code
    fallback = ErrorCode.SERVER_ERROR if status >= 500 else ErrorCode.VALIDATION_ERROR  # noqa: PLR2004
    sentence = _SENTENCES.get(status) or str(error.detail)
    headers = {"Allow": _allowed_methods(request)} if status == METHOD_NOT_ALLOWED else error.headers
    return error_response(status, sentence, _CODES.get(status, fallback), headers=headers)


def _allowed_methods(request: Request) -> str:
    """All methods of the address; the framework names only those of the first route that has it."""
    routers: Sequence[APIRouter] = request.app.state.routers
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    methods = {
        method for route in routes if route.path_regex.match(request.scope["path"]) for method in route.methods or ()
    }
    return ", ".join(sorted(methods)) or "GET"


async def _on_fault(_request: Request, _error: Exception) -> JSONResponse:
    return error_response(500, UNEXPECTED, ErrorCode.SERVER_ERROR)
