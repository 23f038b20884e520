"""The Socket.IO contract as a page of Markdown, read from the words and rooms of `app/realtime`."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, get_type_hints

from app.models.wire.music_sync import SyncJobShown
from app.realtime import protocol
from app.realtime.connection import MAX_ROOMS
from app.realtime.episode_viewers import EpisodeViewerRooms
from app.realtime.live_listeners import LiveListeners
from app.realtime.song_rooms import SongRooms
from app.realtime.sync_progress import SyncProgress
from reference.shapes import Field, Shapes

_TITLE = """# Socket.IO reference

Written by `make docs` from the application. How to connect, what is promised and what ends a connection is in
[socketio.md](../socketio.md).
"""

_ROOMS = {
    SongRooms: (protocol.song_room("{songId}"), protocol.SongCounted, protocol.SONG_UPDATED, protocol.SongUpdate),
    LiveListeners: (
        protocol.track_room("{trackId}"),
        None,
        protocol.TRACK_LISTENERS_UPDATED,
        protocol.TrackListeners,
    ),
    EpisodeViewerRooms: (
        protocol.episode_room("{episodeId}"),
        None,
        protocol.EPISODE_VIEWERS_UPDATED,
        protocol.EpisodeViewersUpdate,
    ),
    SyncProgress: (protocol.SYNC_ROOM, None, protocol.SYNC_PROGRESS, None),
}


def page() -> str:
    """Every room: how it is joined, what the acknowledgement says, and what is heard there."""
    lines = [_TITLE, f"A connection is in at most {MAX_ROOMS} rooms.", ""]
    for kind, (room, joined, event, payload) in _ROOMS.items():
        lines += _room(kind, room, joined, event, payload)
    return "\n".join(lines).rstrip() + "\n"


def _room(kind: type[Any], room: str, joined: type | None, event: str, payload: type | None) -> Iterator[str]:
    yield from (f"## `{room}`", "", _first_words(kind), "")
    value = f'"{room}"' if kind.field == protocol.ROOM_FIELD else "…"
    request = f'{{"{kind.field}": {value}}}'
    yield from (f"Send `{protocol.SUBSCRIBE}` or `{protocol.UNSUBSCRIBE}` with `{request}`.", "")
    if joined is not None:
        names = ", ".join(f"`{name}`" for name in get_type_hints(joined))
        yield from (f"The acknowledgement has {names} besides `ok` and `room`.", "")
    yield from (f"### `{event}`", "", "| field | |", "|---|---|")
    for field in _fields(payload):
        yield f"| `{field.name}` | {field.kind} |"
    yield ""


def _fields(payload: type | None) -> list[Field]:
    if payload is None:
        schema = SyncJobShown.model_json_schema(by_alias=True, ref_template="#/components/schemas/{model}")
        return list(Shapes(schema.get("$defs", {})).fields(schema))
    kinds = {str: "string", int: "integer"}
    return [Field(name, kinds[kind], True, "") for name, kind in get_type_hints(payload).items()]


def _first_words(kind: type[Any]) -> str:
    """What the module says of these rooms: the part behind the colon is its sentence."""
    text = (import_module(kind.__module__).__doc__ or "").strip()
    subject, _, sentence = text.partition(": ")
    return f"{subject}: {sentence}" if sentence else subject
