"""What all shapes on the wire have in common."""

from datetime import datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from app.clock import iso

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that JavaScript holds exactly."""

Moment = Annotated[datetime, PlainSerializer(iso, return_type=str, when_used="json")]
"""A time in UTC, written with `Z` and milliseconds."""


def whole(value: object) -> object:
    """JSON has one kind of number: `5000.0` is the integer 5000."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Bounded = Annotated[int, Field(ge=0, le=MAX_SAFE_INTEGER)]
Whole = Annotated[_Bounded, BeforeValidator(whole, json_schema_input_type=_Bounded)]
"""A count or a number of milliseconds: never negative, and exact in JavaScript."""

T = TypeVar("T")


class CamelModel(BaseModel):
    """camelCase outside, snake_case inside; types are taken as they are sent, a string is never a number."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, strict=True, frozen=True)


class SnakeModel(BaseModel):
    """snake_case outside and inside; types are taken as they are sent, a string is never a number."""

    model_config = ConfigDict(strict=True, frozen=True)


class Answer(CamelModel, Generic[T]):
    """The envelope of every answer that worked."""

    success: Literal[True] = True
    data: T


class FieldFault(CamelModel):
    """One fault of one field."""

    field: str
    message: str


class ErrorAnswer(CamelModel):
    """The one shape of every error."""

    success: Literal[False] = False
    error: str
    code: str
    errors: list[FieldFault] | None = None
