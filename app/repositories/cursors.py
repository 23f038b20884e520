"""Cursors: where a page of a list ended, written so that every text of the right form means something.

A cursor is `<sort value>.<id>`: the value as `n` (none), `d<milliseconds>`, `i<integer>` or `x<IEEE 754, hex>`; the id
as `o<ObjectId>` or `s<UTF-8, hex>`. A form that a pattern describes completely can be checked, and documented, by the
pattern alone.
"""

import re
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from app.errors import FieldError, Invalid
from app.models.pages import CURSOR_PATTERN

_CURSOR = re.compile(CURSOR_PATTERN.removesuffix("$") + r"\Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INT64 = 2**63


def encode_cursor(value: Any, key: Any) -> str:
    """The cursor after the row with this sort value and `_id`."""
    return f"{_encode_value(value)}.{_encode_key(key)}"


def decode_cursor(cursor: str) -> tuple[Any, Any]:
    """The sort value and `_id` in a cursor.

    Raises:
        Invalid: it is none of ours.
    """
    if not _CURSOR.match(cursor):
        fault = FieldError("cursor", "is not a cursor of this list; leave it out to start at the first page")
        raise Invalid("The cursor is not valid", [fault])
    value, _, key = cursor.partition(".")
    return _decode_value(value[0], value[1:]), _decode_key(key[0], key[1:])


def _encode_value(value: Any) -> str:
    if isinstance(value, datetime):
        return f"d{(value - _EPOCH) // timedelta(milliseconds=1)}"
    if isinstance(value, int) and abs(value) < _INT64 and not isinstance(value, bool):
        return f"i{value}"
    if isinstance(value, float):
        return f"x{struct.pack('>d', value).hex()}"
    return "n"


def _decode_value(kind: str, text: str) -> Any:
    if kind == "d":
        return _EPOCH + timedelta(milliseconds=int(text))
    if kind == "i":
        return int(text)
    if kind == "x":
        return struct.unpack(">d", bytes.fromhex(text))[0]
    return None


def _encode_key(key: Any) -> str:
    return f"o{key}" if isinstance(key, ObjectId) else f"s{str(key).encode().hex()}"


def _decode_key(kind: str, text: str) -> Any:
    return ObjectId(text) if kind == "o" else bytes.fromhex(text).decode(errors="replace")
