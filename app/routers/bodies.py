"""Reads JSON bodies: after the caller is known, within a bound, with the one error shape.

FastAPI reads and parses a body before it asks who is calling. Here a body is read by a dependency, in the order of
the endpoint's signature, so an anonymous caller gets 401 whatever it sent, and pydantic parses the bytes only once.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Generic, NoReturn, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import ClientDisconnect

from app.errors import FieldError, Invalid, PayloadTooLarge
from app.routers.error_handlers import validation_errors

MAX_BODY_BYTES = 1024 * 1024

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
        raw = await read_body(request)
        if not raw and self._may_be_empty:
            return self._model()
        _check_content_type(request, _is_json)
        try:
            return self._model.model_validate_json(raw)
        except ValidationError as error:
            raise _to_invalid(error) from None

    @property
    def documentation(self) -> dict[str, Any]:
        """The `requestBody` of the OpenAPI document."""
        schema = self._model.model_json_schema(by_alias=True)
        schema = _inlined(schema, schema.pop("$defs", {}))
        content = {"application/json": {"schema": schema}}
        return {"requestBody": {"required": not self._may_be_empty, "content": content}}


class JsonValue:
    """A dependency that gives the body as the JSON value it is, also when it came as `text/plain`.

    That is what `navigator.sendBeacon` calls a text; a page that goes away has no other way to send one.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        """`schema` is what the OpenAPI document says of the body; here nothing is checked against it."""
        self._schema = schema

    async def __call__(self, request: Request) -> object:
        """Read and parse the body.

        Raises:
            PayloadTooLarge: over 1 MiB.
            Invalid: not JSON, or not declared as JSON or text.
        """
        raw = await read_body(request)
        _check_content_type(request, _is_json_or_text)
        return _parse(raw)

    @property
    def documentation(self) -> dict[str, Any]:
        """The `requestBody` of the OpenAPI document."""
        content = {"application/json": {"schema": self._schema}}
        return {"requestBody": {"required": True, "content": content}}


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The same schema with its definitions in their places: inside an OpenAPI document nobody finds them elsewhere."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if (name := schema.get("$ref", "").removeprefix("#/$defs/")) in definitions:
        return _inlined(definitions[name], definitions)
    return {key: _inlined(part, definitions) for key, part in schema.items()}


def _parse(raw: bytes) -> object:
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError:
        pass
    try:
        return _parse_with_halves(raw)
    except (ValueError, RecursionError):
        raise _not_json() from None


def _parse_with_halves(raw: bytes) -> object:
    """Once more, by a slower parser that lets half a surrogate pair pass.

    JSON allows it, and browsers write it; whoever looks at the text refuses what it is in, and not all around it.
    """
    if rb"\ud" not in raw.lower():
        raise ValueError
    return json.loads(raw.decode(), parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


async def read_body(request: Request) -> bytes:
    """The bytes of a body, for whoever has to look at them as they were sent.

    Raises:
        PayloadTooLarge: over 1 MiB.
        Invalid: it broke off; the connection sees to it that it does when it takes too long.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_BODY_BYTES:
        raise _too_large()
    try:
        return await _gather(request)
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


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")


def _is_json_or_text(media_type: str) -> bool:
    return _is_json(media_type) or media_type == "text/plain"


def _check_content_type(request: Request, accepts: Callable[[str], bool]) -> None:
    media_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not accepts(media_type):
        fault = FieldError("Content-Type", "must be application/json")
        raise Invalid("The body must be sent as application/json", [fault])


def _not_json() -> Invalid:
    return Invalid("The body is not valid JSON", [FieldError("body", "is not valid JSON")])


def _to_invalid(error: ValidationError) -> Invalid:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    if faults[0]["type"] == "json_invalid":
        return _not_json()
    named = [FieldError(fault.field or "body", fault.message) for fault in validation_errors(faults)]
    return Invalid("The request is not valid", named)
