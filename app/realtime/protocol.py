"""The words of the Socket.IO contract: events, rooms, payloads, and what a client may ask."""

from typing import Literal, TypedDict

from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio.packet import EVENT
from socketio.packet import Packet as EventPacket

from app.errors import FieldError, Invalid
from app.models.songs import SongCounts

SUBSCRIBE = "subscribe"
UNSUBSCRIBE = "unsubscribe"
SONG_UPDATED = "copyright-free-song-interaction-updated"

MAX_REFERENCE_CHARS = 256


class SongUpdate(TypedDict):
    """What `SONG_UPDATED` carries; `songId` is the id or the slug that the subscriber used."""

    songId: str
    viewCount: int
    likeCount: int
    bookmarkCount: int


class Subscribed(TypedDict):
    """The answer to `subscribe`."""

    ok: Literal[True]
    room: str
    viewCount: int
    likeCount: int
    bookmarkCount: int


class Unsubscribed(TypedDict):
    """The answer to `unsubscribe`."""

    ok: Literal[True]
    room: str


def room_name(reference: str) -> str:
    """The room of everyone who named a song by this id or slug."""
    return f"content:audio:{reference}"


def read_reference(arguments: tuple[object, ...]) -> str:
    """The id or slug in `{"songId": …}`, the one argument of `subscribe` and `unsubscribe`.

    Raises:
        Invalid: anything else was sent.
    """
    payload = arguments[0] if len(arguments) == 1 else None
    if not isinstance(payload, dict):
        raise Invalid('Send one object: {"songId": "..."}')
    reference = payload.get("songId")
    if not isinstance(reference, str) or not 1 <= len(reference) <= MAX_REFERENCE_CHARS or not _is_storable(reference):
        message = f"must be a string of 1 to {MAX_REFERENCE_CHARS} characters"
        raise Invalid(f"songId {message}", [FieldError("songId", message)])
    return reference


def _is_storable(reference: str) -> bool:
    """Half of a surrogate pair is text in JavaScript, and nowhere else."""
    return "\x00" not in reference and not any("\ud800" <= character <= "\udfff" for character in reference)


def subscribed(reference: str, counts: SongCounts) -> Subscribed:
    """The answer to a `subscribe` that succeeded."""
    return {
        "ok": True,
        "room": room_name(reference),
        "viewCount": counts.view_count,
        "likeCount": counts.like_count,
        "bookmarkCount": counts.bookmark_count,
    }


def update_packet(reference: str, counts: SongCounts) -> EnginePacket:
    """`SONG_UPDATED` ready to send; every recipient gets this one object, which encodes itself once."""
    update: SongUpdate = {
        "songId": reference,
        "viewCount": counts.view_count,
        "likeCount": counts.like_count,
        "bookmarkCount": counts.bookmark_count,
    }
    return EnginePacket(MESSAGE, EventPacket(EVENT, data=[SONG_UPDATED, update]).encode())
