"""How a song lies in the collection `songs`, also one that another program has written."""

import re
from datetime import datetime
from math import isfinite
from typing import Any

from bson import ObjectId

from app.models.songs import Song, SongCounts
from app.repositories.mongo import Document

COUNT_FIELDS = {"slug": 1, "viewCount": 1, "likeCount": 1, "bookmarkCount": 1, "countsRevision": 1}

_OBJECT_ID = re.compile(r"[0-9a-fA-F]{24}\Z")


def by_reference(reference: str) -> Document:
    """The filter for a song named by its id (an ObjectId's hex digits, or a string) or by its slug."""
    ids: list[Any] = [reference]
    if _OBJECT_ID.match(reference):
        ids.append(ObjectId(reference))
    return {"$or": [{"_id": {"$in": ids}}, {"slug": reference}]}


def answers_to(document: Document, reference: str) -> bool:
    """Whether the song is still called so."""
    return _is_id_of(document, reference) or document.get("slug") == reference


def best_match(documents: list[Document], reference: str) -> Document | None:
    """An id goes before a slug of the same spelling."""
    return min(documents, key=lambda found: not _is_id_of(found, reference), default=None)


def _is_id_of(document: Document, reference: str) -> bool:
    """An ObjectId may be written in capitals; a string is as it is."""
    return wire_id(document["_id"]) in {reference, _canonical(reference)}


def wire_id(key: Any) -> str:
    """A song's id as the outside knows it."""
    return str(key)


def to_counts(document: Document) -> SongCounts:
    """Read the counts; a document from elsewhere may lack any of them."""
    return SongCounts(
        song_id=wire_id(document["_id"]),
        slug=_text(document.get("slug")),
        view_count=to_number(document.get("viewCount")),
        like_count=to_number(document.get("likeCount")),
        bookmark_count=to_number(document.get("bookmarkCount")),
        revision=to_number(document.get("countsRevision")),
    )


def to_song(document: Document) -> Song:
    """Read a song; a document from elsewhere may lack anything but its id."""
    return Song(
        key=document["_id"],
        id=wire_id(document["_id"]),
        slug=_text(document.get("slug")),
        title=_text(document.get("title")) or "",
        artist=_text(document.get("artist")) or "",
        artist_id=_identifier(document.get("artistId")),
        audio_url=_text(document.get("audioUrl")),
        thumbnail_url=_text(document.get("thumbnailUrl")),
        duration_ms=to_number(document.get("duration")),
        counts=to_counts(document),
        created_at=_moment(document.get("createdAt")),
        updated_at=_moment(document.get("updatedAt")),
    )


def _canonical(reference: str) -> str:
    return reference.lower() if _OBJECT_ID.match(reference) else reference


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _identifier(value: Any) -> str | None:
    return str(value) if isinstance(value, str | ObjectId) and str(value) else None


def to_number(value: Any) -> int:
    """The whole number in a field; one that holds none counts as zero."""
    return int(value) if is_number(value) else 0


def is_number(value: Any) -> bool:
    """Whether MongoDB can add to it, and we can show it."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _moment(value: Any) -> datetime | None:
    return value if isinstance(value, datetime) else None
