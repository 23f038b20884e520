"""How a playlist lies in the collection `playlists`, with the licensed tracks in it.

`changes` counts changes, and a version is one more than that: a playlist that the statistics wing has added, or
another program, has neither that field nor tracks, and is at version 1.
"""

from datetime import datetime
from typing import Any

from app.models.licensing.favorites import TrackRef
from app.models.licensing.playlists import (
    FilledPlaylist,
    MusicPlaylist,
    OrderedPlaylist,
    PlaylistEntry,
    PlaylistEntryDraft,
)
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Document
from app.repositories.music_track_documents import read_track, track_fields
from app.repositories.stats_dirt import track_keys
from app.repositories.stored_fields import identifier, moment, text

_FIELDS = ("ownerId", "title", "description", "isPublic", "changes", "createdAt", "updatedAt")

HEAD: Document = dict.fromkeys(_FIELDS, 1) | {"trackCount": {"$size": {"$ifNull": ["$licensedTracks", []]}}}
"""What is read of a playlist without its tracks."""

HEAD_AND_ORDER: Document = HEAD | {"licensedTracks.id": 1}
"""The same, and the ids of its entries."""


def by_id(playlist_id: str) -> Document:
    """The clause for the playlist of this id; one of another program may be an ObjectId."""
    return {"_id": {"$in": track_keys([playlist_id])}}


def own(owner_id: str, playlist_id: str) -> Document:
    """The clause for a user's own playlist of this id."""
    return by_id(playlist_id) | {"ownerId": owner_id}


def in_version(version: int | None) -> Document:
    """The clause for playlists in this version; `None` is any."""
    if version is None:
        return {}
    return {"changes": version - 1 if version > 1 else {"$in": [0, None]}}


def to_playlist(document: Document) -> MusicPlaylist:
    """Read a playlist."""
    changes = document.get("changes")
    return MusicPlaylist(
        id=str(document["_id"]),
        owner_id=identifier(document.get("ownerId")) or "",
        title=text(document.get("title")),
        description=text(document.get("description")) or None,
        is_public=document.get("isPublic") is True,
        version=(changes if isinstance(changes, int) else 0) + 1,
        track_count=document.get("trackCount", len(_entries(document))),
        created_at=moment(document.get("createdAt")),
        updated_at=moment(document.get("updatedAt")),
    )


def to_filled(document: Document) -> FilledPlaylist:
    """Read a playlist with its tracks."""
    return FilledPlaylist(to_playlist(document), tuple(map(_to_entry, _entries(document))))


def to_ordered(document: Document) -> OrderedPlaylist:
    """Read a playlist with the ids of its entries."""
    return OrderedPlaylist(to_playlist(document), tuple(entry["id"] for entry in _entries(document)))


def entry_document(draft: PlaylistEntryDraft, at: datetime) -> Document:
    """An entry as it is stored."""
    return {
        "id": draft.id,
        "provider": draft.ref.provider.value,
        "trackId": draft.ref.track_id,
        "note": draft.note,
        "addedAt": at,
        "track": None if draft.track is None else track_fields(draft.track),
    }


def _entries(document: Document) -> list[Any]:
    entries: list[Any] = document.get("licensedTracks", [])
    return entries


def _to_entry(entry: Document) -> PlaylistEntry:
    ref = TrackRef(ProviderName(entry["provider"]), entry["trackId"])
    return PlaylistEntry(
        id=entry["id"],
        ref=ref,
        note=entry["note"],
        added_at=entry["addedAt"],
        track=read_track(ref.provider, ref.track_id, entry["track"]),
    )
