"""A recording as Openverse shows it; its examples call this the audio result."""

from typing import Any

from app.clock import iso
from app.sandbox.tracks import SandboxTrack

LICENCES = {
    "by": "BY",
    "by-nc": "BY-NC",
    "by-nc-nd": "BY-NC-ND",
    "by-nc-sa": "BY-NC-SA",
    "by-nd": "BY-ND",
    "by-sa": "BY-SA",
    "cc0": "CC0",
    "nc-sampling+": "NC-Sampling+",
    "pdm": "Public Domain Mark",
    "sampling+": "Sampling+",
}
_WIKIMEDIA_EVERY = 5
_SPEEDS = {"very_low": "verylow", "low": "low", "medium": "medium", "high": "high"}


def shown(track: SandboxTrack, *, audio: str, artwork: str, address: str) -> dict[str, Any]:
    """One result; titles from Wikimedia hold markup, as they do there."""
    is_wikimedia = track.number % _WIKIMEDIA_EVERY == 0
    source = "wikimedia_audio" if is_wikimedia else "jamendo"
    return {
        "id": track.id,
        "title": f"<i>{track.title}</i>" if is_wikimedia else track.title,
        "indexed_on": iso(track.modified_at),
        "foreign_landing_url": f"https://{source}.example/track/{track.number}",
        "url": audio,
        "creator": track.artist,
        "creator_url": f"https://{source}.example/artist/{track.artist_number}",
        "license": track.licence,
        "license_version": _version(track),
        "license_url": track.licence_url,
        "provider": source,
        "source": source,
        "category": "music",
        "genres": list(track.genres),
        "filesize": int(track.duration * 16_000),
        "filetype": "mp3",
        "tags": [{"accuracy": None, "name": name, "unstable__provider": source} for name in _tags(track)],
        "alt_files": None,
        "attribution": _attribution(track),
        "fields_matched": ["title"],
        "mature": track.explicit,
        "audio_set": _album(track, source),
        "duration": int(track.duration * 1_000),
        "bit_rate": 128_000,
        "sample_rate": 44_100,
        "thumbnail": artwork,
        "detail_url": address,
        "related_url": f"{address}related/",
        "waveform": f"{address}waveform/",
    }


def _tags(track: SandboxTrack) -> list[str]:
    sung = "vocal" if track.vocals else "instrumental"
    return [*track.moods, *track.instruments, sung, f"speed_{_SPEEDS.get(track.energy, 'medium')}"]


def _version(track: SandboxTrack) -> str:
    return "1.0" if track.licence in {"cc0", "pdm"} else track.licence_version


def _attribution(track: SandboxTrack) -> str:
    name = LICENCES.get(track.licence, track.licence)
    return (
        f'"{track.title}" by {track.artist} is licensed under CC {name} {_version(track)}. '
        f"To view a copy of this license, visit {track.licence_url}."
    )


def _album(track: SandboxTrack, source: str) -> dict[str, Any]:
    page = f"https://{source}.example/album/{track.number}"
    return {
        "title": track.album,
        "foreign_landing_url": page,
        "creator": track.artist,
        "creator_url": None,
        "url": page,
        "filesize": None,
        "filetype": None,
    }
