"""A track as Jamendo shows it."""

import json
from typing import Any

from app.sandbox.tracks import SandboxTrack

ENERGIES = {"verylow": "very_low", "low": "low", "medium": "medium", "high": "high", "veryhigh": "high"}
_SPEEDS = {energy: speed for speed, energy in ENERGIES.items() if speed != "veryhigh"}


def shown(track: SandboxTrack, *, audio: str, artwork: str, with_info: bool) -> dict[str, Any]:
    """One result; the addresses of downloads are empty where none is allowed, and the waveform is JSON in a text."""
    result: dict[str, Any] = {
        "id": track.id,
        "name": track.title,
        "duration": int(track.duration),
        "artist_id": str(400_000 + track.artist_number),
        "artist_name": track.artist,
        "artist_idstr": track.artist.lower().replace(" ", "_"),
        "album_name": track.album,
        "album_id": str(300_000 + track.number),
        "license_ccurl": track.licence_url.replace("https://", "http://"),
        "position": 1,
        "releasedate": track.released_at.strftime("%Y-%m-%d"),
        "album_image": artwork,
        "audio": f"{audio}?from=app-sandbox",
        "audiodownload": audio if track.is_downloadable else "",
        "prourl": "",
        "shorturl": f"https://jamendo.example/t/{track.id}",
        "shareurl": f"https://jamendo.example/track/{track.id}",
        "waveform": json.dumps({"peaks": [0, 12, 40, 25, 3]}),
        "image": artwork,
        "audiodownload_allowed": track.is_downloadable,
        "content_id_free": track.content_id_free,
    }
    if with_info:
        result["musicinfo"] = _info(track)
    return result


def _info(track: SandboxTrack) -> dict[str, Any]:
    def tags(names: tuple[str, ...]) -> list[str]:
        return [name.replace(" ", "") for name in names]

    return {
        "vocalinstrumental": "vocal" if track.vocals else "instrumental",
        "lang": "en" if track.vocals else "",
        "gender": "",
        "acousticelectric": "electric" if "synth" in track.instruments else "acoustic",
        "speed": _SPEEDS.get(track.energy, "medium"),
        "tags": {
            "genres": tags(track.genres),
            "instruments": tags(track.instruments),
            "vartags": tags(track.moods),
        },
    }
