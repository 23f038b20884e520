"""Reads JSON bodies: after the caller is known, within a bound, with the one error shape.

FastAPI reads and parses a body before it asks who is calling. Here a body is read by a dependency, in the order of
the endpoint's signature, so an anonymous caller gets 401 whatever it sent, and pydantic parses the bytes only once.
"""

import asyncio
from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from app.errors import FieldError, Invalid, PayloadTooLarge
from app.routers.error_handlers import validation_errors

MAX_BODY_BYTES = 1024 * 1024
BODY_WITHIN_SECONDS = 20.0

Model = TypeVar("Model", bound=BaseModel)


class JsonBody(Generic[Model]):
    """A dependency that gives the body as `model`; an empty body is the model's defaults if it may be `empty`."""

    def __init__(self, model: type[Model], *, may_be_empty: bool = False) -> None:
        self._model = model
        self._may_be_empty = may_be_empty

    async def __call__(self, request: Request) -> Model:
        """Read, check and parse the body.

        Raises:
            PayloadTooLarge: over 1 MiB.
            Invalid: not JSON, or not of the model's shape; names each wrong field.
        """
        raw = await _read(request)
        if not raw and self._may_be_empty:
            return self._model()
        _check_content_type(request)
        try:
            return self._model.model_validate_json(raw)
        except ValidationError as error:
            raise _to_invalid(error) from None

    @property
    def documentation(self) -> dict[str, Any]:
        """The `requestBody` of the OpenAPI document."""
        schema = self._model.model_json_schema(by_alias=True)
        content = {"application/json": {"schema": schema}}
        return {"requestBody": {"required": not self._may_be_empty, "content": content}}


async def _read(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_WITHIN_SECONDS):
            return await _gather(request)
    except TimeoutError:
        raise Invalid("The body did not arrive in time") from None
    except ClientDisconnect:
        # Nobody hears the answer; what matters is that this is no fault of ours.
        raise Invalid("The body broke off") from None


async def _gather(request: Request) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise _too_large()
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge("The body is larger than 1 MiB")


def _check_content_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        fault = FieldError("Content-Type", "must be application/json")
        raise Invalid("The body must be sent as application/json", [fault])


def _to_invalid(error: ValidationError) -> Invalid:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        return Invalid("The body is not valid JSON", [FieldError("body", "is not valid JSON")])
    named = [FieldError(fault.field or "body", fault.message) for fault in validation_errors(faults)]
    return Invalid("The request is not valid", named)
