"""Items of the Internet Archive and their files, as it shows them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from app.clock import iso
from app.sandbox.tracks import SandboxTrack

FIELDS = ("identifier", "title", "creator", "collection", "licenseurl", "subject", "date", "publicdate", "mediatype")
_SERVER = "ia0.us.archive.example"

Json = dict[str, Any]


def described(item: str, tracks: Sequence[SandboxTrack]) -> Json:
    """What is said of an item as a whole: now a text, now a list."""
    head = tracks[0]
    subjects = [*head.genres, *head.moods]
    return {
        "identifier": item,
        "title": head.album,
        "creator": [head.artist, "Various"] if head.number % 4 == 0 else head.artist,
        "collection": ["netlabels", "audio"] if head.number % 3 else "netlabels",
        "licenseurl": head.licence_url,
        "subject": subjects if head.number % 2 else "; ".join(subjects),
        "date": iso(head.released_at),
        "publicdate": iso(head.released_at),
        "mediatype": "audio",
    }


def details(item: str, tracks: Sequence[SandboxTrack]) -> Json:
    """An item with its files."""
    described_as = {name: value for name, value in described(item, tracks).items() if value}
    files = [*_others(item), *(file for track in tracks for file in files_of(track))]
    changed_at = max(one.modified_at for one in tracks)
    return {
        "created": int(changed_at.timestamp()),
        "d1": _SERVER,
        "d2": _SERVER,
        "dir": f"/1/items/{item}",
        "files": files,
        "files_count": len(files),
        "item_last_updated": int(changed_at.timestamp()),
        "item_size": sum(int(one["size"]) for one in files),
        "metadata": described_as | {"addeddate": iso(tracks[0].released_at)},
        "server": _SERVER,
        "uniq": tracks[0].number,
        "workable_servers": [_SERVER],
    }


def stem(track: SandboxTrack) -> str:
    """The name of a track's files, without what comes after the dot."""
    return track.id.partition("/")[2].rpartition(".")[0]


def files_of(track: SandboxTrack) -> list[Json]:
    """The original, and the MP3 and Ogg that were made of it."""
    name = stem(track)
    place = name.partition(" ")[0]
    said = {
        "title": track.title,
        "track": str(int(place)) if place.isdecimal() else place,
        "artist": track.artist,
        "album": track.album,
        "length": _length(track),
    }
    original = f"{name}.flac"
    return [
        _file(original, "Flac", track, 90_000) | said | {"source": "original"},
        _file(f"{name}.mp3", "VBR MP3", track, 24_000) | said | {"source": "derivative", "original": original},
        _file(f"{name}.ogg", "Ogg Vorbis", track, 16_000) | {"source": "derivative", "original": original},
    ]


def _others(item: str) -> list[Json]:
    return [
        {"name": "__ia_thumb.jpg", "source": "original", "format": "Item Tile", "size": "4096"},
        {"name": f"{item}_meta.xml", "source": "original", "format": "Metadata", "size": "812"},
    ]


def _file(name: str, format_: str, track: SandboxTrack, bytes_a_second: int) -> Json:
    seen = f"{track.item}/{name} {track.title} {track.duration}".encode()
    return {
        "name": name,
        "format": format_,
        "mtime": str(int(track.modified_at.timestamp())),
        "size": str(int(track.duration * bytes_a_second)),
        "md5": hashlib.md5(seen, usedforsecurity=False).hexdigest(),
        "crc32": f"{len(seen) * 2_654_435_761 % 2**32:08x}",
        "sha1": hashlib.sha1(seen, usedforsecurity=False).hexdigest(),
    }


def _length(track: SandboxTrack) -> str:
    """Seconds for some, minutes and seconds for others."""
    if track.number % 2:
        return f"{track.duration:.2f}"
    return f"{int(track.duration) // 60}:{int(track.duration) % 60:02d}"
