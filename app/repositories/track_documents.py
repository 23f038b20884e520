"""How a track lies in the collection `tracks`, and how a song of the catalogue is one."""

from app.models.songs import Song
from app.models.stats.tracks import Track, TrackCounts
from app.repositories.mongo import Document
from app.repositories.song_documents import to_number
from app.repositories.stored_fields import identifier, moment, number, text

COUNTERS = ("playCount", "likeCount", "shareCount", "downloadCount")
IS_THERE: Document = {"removedAt": None}
"""The clause for tracks that are not removed."""

_MS_PER_SECOND = 1000


def to_track(document: Document) -> Track:
    """Read a track; a document from elsewhere may lack anything but its id."""
    return Track(
        id=str(document["_id"]),
        title=text(document.get("title")),
        artist_id=identifier(document.get("artistId")),
        duration=number(document.get("duration")),
        counts=to_counts(document),
        is_song=document.get("songId") is not None,
        created_at=moment(document.get("createdAt")),
        updated_at=moment(document.get("updatedAt")),
    )


def song_as_track(song: Song, shadow: Document) -> Track:
    """A song of the catalogue, with the counts of its shadow; what the song says now goes before the shadow's copy."""
    return Track(
        id=song.id,
        title=song.title,
        artist_id=song.artist_id,
        duration=song.duration_ms / _MS_PER_SECOND,
        counts=to_counts(shadow),
        is_song=True,
        created_at=song.created_at,
        updated_at=song.updated_at,
    )


def to_counts(document: Document) -> TrackCounts:
    """Read the counters; what is missing is zero."""
    return TrackCounts(*(to_number(document.get(name)) for name in COUNTERS))
