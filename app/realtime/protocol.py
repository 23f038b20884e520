"""The words of the Socket.IO contract: events, rooms, payloads, and what a client may ask."""

from collections.abc import Collection, Mapping
from typing import TypedDict

from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket
from socketio.packet import EVENT
from socketio.packet import Packet as EventPacket

from app.errors import FieldError, Invalid
from app.models.songs import SongCounts
from app.models.wire.base import MAX_SAFE_INTEGER

SUBSCRIBE = "subscribe"
UNSUBSCRIBE = "unsubscribe"
SONG_UPDATED = "copyright-free-song-interaction-updated"
TRACK_LISTENERS_UPDATED = "track-listeners-updated"
SYNC_PROGRESS = "sync-progress"
EPISODE_VIEWERS_UPDATED = "episode-viewers-updated"

SONG_FIELD = "songId"
TRACK_FIELD = "trackId"
EPISODE_FIELD = "episodeId"
ROOM_FIELD = "room"
"""Names a room as it is called, where no song or track stands behind it."""

SYNC_ROOM = "admin:sync"

MAX_REFERENCE_CHARS = 256
MAX_EPISODE_DIGITS = 16


class SongUpdate(TypedDict):
    """What `SONG_UPDATED` carries; `songId` is the id or the slug that the subscriber used."""

    songId: str
    viewCount: int
    likeCount: int
    bookmarkCount: int


class SongCounted(TypedDict):
    """What the answer to `subscribe` says of a song, besides `ok` and `room`."""

    viewCount: int
    likeCount: int
    bookmarkCount: int


class TrackListeners(TypedDict):
    """What `TRACK_LISTENERS_UPDATED` carries; `trackId` is the id or the slug that the subscriber used."""

    trackId: str
    listeners: int


class EpisodeViewersUpdate(TypedDict):
    """What `EPISODE_VIEWERS_UPDATED` carries."""

    episodeId: int
    viewers: int


def song_room(reference: str) -> str:
    """The room of everyone who named a song by this id or slug."""
    return f"content:audio:{reference}"


def track_room(reference: str) -> str:
    """The room of everyone who named a track by this id or slug."""
    return f"stats:track:{reference}"


def episode_room(reference: str) -> str:
    """The room of everyone who watches how many watch an episode."""
    return f"episode:{reference}"


def read_reference(arguments: tuple[object, ...], fields: Collection[str]) -> tuple[str, str]:
    """Which of the fields was sent, and the id or slug in it: the one argument of `subscribe` and `unsubscribe`.

    Raises:
        Invalid: anything else was sent.
    """
    payload = arguments[0] if len(arguments) == 1 else None
    sent = [name for name in fields if name in payload] if isinstance(payload, dict) else []
    if not isinstance(payload, dict) or len(sent) != 1:
        raise Invalid(f"Send one object with {' or '.join(fields)}")
    return sent[0], _read(payload, sent[0])


def _read(payload: Mapping[str, object], name: str) -> str:
    reference = payload[name]
    if name == EPISODE_FIELD:
        return _read_number(reference, name)
    if not isinstance(reference, str) or not 1 <= len(reference) <= MAX_REFERENCE_CHARS or not _is_storable(reference):
        message = f"must be a string of 1 to {MAX_REFERENCE_CHARS} characters"
        raise Invalid(f"{name} {message}", [FieldError(name, message)])
    return reference


def _read_number(reference: object, name: str) -> str:
    """An id that JavaScript holds exactly, sent as a number or as its digits; always given on in the same digits."""
    text = str(reference) if isinstance(reference, int) and not isinstance(reference, bool) else reference
    if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) <= MAX_EPISODE_DIGITS:
        number = int(text)
        if 1 <= number <= MAX_SAFE_INTEGER:
            return str(number)
    message = "must be an integer from 1 to 2^53 - 1"
    raise Invalid(f"{name} {message}", [FieldError(name, message)])


def _is_storable(reference: str) -> bool:
    """Half of a surrogate pair is text in JavaScript, and nowhere else."""
    return "\x00" not in reference and not any("\ud800" <= character <= "\udfff" for character in reference)


def song_counted(counts: SongCounts) -> SongCounted:
    """What a `subscribe` to a song is answered."""
    return {
        "viewCount": counts.view_count,
        "likeCount": counts.like_count,
        "bookmarkCount": counts.bookmark_count,
    }


def update_packet(reference: str, counts: SongCounts) -> EnginePacket:
    """`SONG_UPDATED` ready to send; every recipient gets this one object, which encodes itself once."""
    update: SongUpdate = {"songId": reference, **song_counted(counts)}
    return _packet(SONG_UPDATED, update)


def listeners_packet(reference: str, listeners: int) -> EnginePacket:
    """`TRACK_LISTENERS_UPDATED` ready to send, as `update_packet`."""
    update: TrackListeners = {"trackId": reference, "listeners": listeners}
    return _packet(TRACK_LISTENERS_UPDATED, update)


def viewers_packet(reference: str, viewers: int) -> EnginePacket:
    """`EPISODE_VIEWERS_UPDATED` ready to send, as `update_packet`."""
    update: EpisodeViewersUpdate = {"episodeId": int(reference), "viewers": viewers}
    return _packet(EPISODE_VIEWERS_UPDATED, update)


def sync_packet(job: Mapping[str, object]) -> EnginePacket:
    """`SYNC_PROGRESS` ready to send, as `update_packet`; the job as every answer shows it."""
    return _packet(SYNC_PROGRESS, job)


def _packet(event: str, payload: Mapping[str, object]) -> EnginePacket:
    return EnginePacket(MESSAGE, EventPacket(EVENT, data=[event, payload]).encode())
