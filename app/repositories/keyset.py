"""Pages by key: a cursor names the last row of a page, so pages neither repeat nor skip rows when others are added."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bson import ObjectId

from app.models.pages import Page
from app.repositories.cursors import decode_cursor, encode_cursor
from app.repositories.mongo import Document

T = TypeVar("T")


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
        # One range, of both kinds of ids. Of an `$or` MongoDB makes two scans, and where it merges these it puts a
        # field that is null before one that is missing: a page then lost the rows between.
        return {"_id": {"$not": {"$gte": key}}}
    return {"_id": {"$lt": key}}
