"""What a field holds, also when another program has written the document."""

from datetime import datetime
from typing import Any

from bson import ObjectId

from app.repositories.song_documents import is_number


def text(value: Any) -> str:
    """The text in a field; empty when there is none."""
    return value if isinstance(value, str) else ""


def identifier(value: Any) -> str | None:
    """The id in a field, as the outside knows it."""
    return str(value) if isinstance(value, str | ObjectId) and str(value) else None


def moment(value: Any) -> datetime | None:
    """The time in a field."""
    return value if isinstance(value, datetime) else None


def number(value: Any) -> float | None:
    """The number in a field, if it is one that can be shown."""
    return value if is_number(value) else None
