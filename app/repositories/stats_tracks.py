"""What the ingest knows of the tracks in a group of events: looked up once, in the snapshot of its transaction."""

from collections.abc import Collection as Container
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.repositories.mongo import Document, Mongo, Session
from app.repositories.song_documents import is_number
from app.repositories.stats_dirt import is_object_id, track_keys

_COUNTERS = ("playCount", "likeCount", "shareCount", "downloadCount")
_TRACK = dict.fromkeys((*_COUNTERS, "artistId", "songId", "removedAt"), 1)
_SONG = {"artistId": 1, "slug": 1, "title": 1, "duration": 1}
_MS_PER_SECOND = 1000


@dataclass(frozen=True, slots=True)
class KnownTrack:
    """A track that events may name; `song` is what its shadow in `tracks` takes over from a song of the catalogue.

    `no_numbers` are counters to which MongoDB cannot add, such as a `null` of another program.
    """

    key: Any
    id: str
    artist_id: str | None
    song: Document | None = None
    no_numbers: frozenset[str] = frozenset()


class KnownTracks:
    """Tracks by what events call them; for use in the thread of a transaction."""

    def __init__(self, mongo: Mongo) -> None:
        self._tracks = mongo.in_thread["tracks"]
        self._songs = mongo.in_thread["songs"]

    def read(self, session: Session, references: Container[str]) -> dict[str, KnownTrack]:
        """The tracks that exist in this snapshot; then, for what is left, the songs of this id or slug."""
        found: dict[str, KnownTrack] = {}
        keys = track_keys({name for reference in references for name in _names(reference)})
        for track in self._tracks.find({"_id": {"$in": keys}}, _TRACK, session=session):
            # A song's shadow is known only as long as its song is.
            if "songId" not in track and "removedAt" not in track:
                known = _of_track(track)
                found[known.id] = known
        rest = [one for one in references if find_known(found, one) is None]
        found.update(self._read_songs(session, rest) if rest else {})
        return found

    def _read_songs(self, session: Session, references: Container[str]) -> Mapping[str, KnownTrack]:
        keys = track_keys(references)
        named = {"$or": [{"_id": {"$in": keys}}, {"slug": {"$in": list(references)}}]}
        by_id: dict[str, KnownTrack] = {}
        by_slug: dict[str, KnownTrack] = {}
        for song in self._songs.find(named, _SONG, session=session):
            known = _of_song(song)
            by_id[known.id] = known
            by_slug[str(song.get("slug"))] = known
        return by_slug | by_id


def find_known(known: Mapping[str, KnownTrack], reference: str) -> KnownTrack | None:
    """The track of this name, whatever else the group names; an ObjectId, and nothing else, may be in capitals."""
    # Nearly always it is there as it is written, and this is asked for every event.
    found = known.get(reference)
    return found or (known.get(reference.lower()) if is_object_id(reference) else None)


def _names(reference: str) -> tuple[str, ...]:
    """As it is written first: an admin may have given a track an id that looks like an ObjectId in capitals."""
    return (reference, reference.lower()) if is_object_id(reference) else (reference,)


def _of_track(track: Document) -> KnownTrack:
    no_numbers = frozenset(name for name in _COUNTERS if name in track and not is_number(track[name]))
    return KnownTrack(track["_id"], str(track["_id"]), _identifier(track.get("artistId")), no_numbers=no_numbers)


def _of_song(song: Document) -> KnownTrack:
    wire = str(song["_id"])
    duration = song.get("duration")
    artist_id = _identifier(song.get("artistId"))
    shadow = {
        "songId": wire,
        "title": song.get("title") or "",
        "artistId": artist_id,
        "duration": duration / _MS_PER_SECOND if isinstance(duration, int | float) else None,
    }
    return KnownTrack(wire, wire, artist_id, shadow)


def _identifier(value: object) -> str | None:
    return None if value is None else str(value)
