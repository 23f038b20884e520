"""Pages by key: a cursor names the last row of a page, so pages neither repeat nor skip rows when others are added."""

import base64
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from bson import ObjectId, json_util
from bson.errors import InvalidId

from app.errors import FieldError, Invalid
from app.models.pages import Page
from app.repositories.mongo import Document

T = TypeVar("T")

_MAX_LENGTH = 1024
_INT64 = 2**63


def encode_cursor(value: Any, key: Any) -> str:
    """The opaque cursor after the row with this sort value and `_id`."""
    return base64.urlsafe_b64encode(json_util.dumps([value, key]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> tuple[Any, Any]:
    """The sort value and `_id` in a cursor.

    Raises:
        Invalid: it is none of ours.
    """
    try:
        value, key = _parse(cursor)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, InvalidId) as error:
        raise _invalid() from error
    if not (_is_sort_value(value) and _is_id(key)):
        raise _invalid()
    return value, key


def _parse(cursor: str) -> list[Any]:
    padded = cursor[:_MAX_LENGTH] + "=" * (-len(cursor) % 4)
    content = base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True)
    parsed: list[Any] = json.loads(content, object_hook=json_util.object_hook)
    return parsed


def _is_sort_value(value: Any) -> bool:
    return value is None or isinstance(value, datetime) or (isinstance(value, int | float) and abs(value) < _INT64)


def _is_id(key: Any) -> bool:
    return isinstance(key, ObjectId) or (isinstance(key, str) and key.isprintable())


def _invalid() -> Invalid:
    fault = FieldError("cursor", "is not a cursor of this list; leave it out to start at the first page")
    return Invalid("The cursor is not valid", [fault])


def rows_after(field: str, cursor: str) -> Document:
    """The filter for the rows after the cursor, in descending order of `field` and `_id`.

    A field that is missing sorts last, and so do string ids behind ObjectIds: both are as MongoDB compares them.
    """
    value, key = decode_cursor(cursor)
    same = {field: value, **_smaller_id(key)}
    if value is None:
        return same
    return {"$or": [{field: {"$lt": value}}, same, {field: None}]}


def to_page(rows: Sequence[Document], limit: int, field: str, read: Callable[[Document], T]) -> Page[T]:
    """A page of `limit` rows out of `limit + 1` that were asked for: the one too many tells that there is more."""
    shown = rows[:limit]
    more = len(rows) > limit
    cursor = encode_cursor(shown[-1].get(field), shown[-1]["_id"]) if more else None
    return Page(tuple(read(row) for row in shown), cursor)


def _smaller_id(key: Any) -> Document:
    if isinstance(key, ObjectId):
        return {"$or": [{"_id": {"$lt": key}}, {"_id": {"$type": "string"}}]}
    return {"_id": {"$lt": key}}
