"""How a provider's track lies inside the documents of those who keep it: what it does not say is left out."""

from typing import Any

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import Energy, LicenceCode, LicenceFacts, ProviderTrack
from app.repositories.mongo import Document
from app.repositories.stored_fields import number, text

_ENERGIES = {energy.value: energy for energy in Energy}
_CODES = {code.value: code for code in LicenceCode}


def track_fields(track: ProviderTrack) -> Document:
    """The track without its id and provider, which stand beside it, and without the provider's raw facts."""
    fields: Document = {
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "durationMs": track.duration_ms,
        "bpm": track.bpm,
        "key": track.key,
        "genres": list(track.genres),
        "moods": list(track.moods),
        "instruments": list(track.instruments),
        "tags": list(track.tags),
        "energy": track.energy.value if track.energy else None,
        "vocals": track.vocals,
        "explicit": track.explicit,
        "previewUrl": track.preview_url,
        "artworkUrl": track.artwork_url,
        "pageUrl": track.page_url,
        "contentIdFree": track.content_id_free,
        "licence": _said(_licence_fields(track.licence)),
    }
    return _said(fields)


def read_track(provider: ProviderName, track_id: str, fields: Any) -> ProviderTrack | None:
    """The track out of its fields; `None` when there are none."""
    if not isinstance(fields, dict):
        return None
    duration = number(fields.get("durationMs"))
    return ProviderTrack(
        provider=provider,
        id=track_id,
        title=text(fields.get("title")),
        licence=_read_licence(fields.get("licence")),
        artist=text(fields.get("artist")) or None,
        album=text(fields.get("album")) or None,
        duration_ms=None if duration is None else int(duration),
        bpm=number(fields.get("bpm")),
        key=text(fields.get("key")) or None,
        genres=_texts(fields.get("genres")),
        moods=_texts(fields.get("moods")),
        instruments=_texts(fields.get("instruments")),
        tags=_texts(fields.get("tags")),
        energy=_ENERGIES.get(text(fields.get("energy"))),
        vocals=_flag(fields.get("vocals")),
        explicit=_flag(fields.get("explicit")),
        preview_url=text(fields.get("previewUrl")) or None,
        artwork_url=text(fields.get("artworkUrl")) or None,
        page_url=text(fields.get("pageUrl")) or None,
        content_id_free=_flag(fields.get("contentIdFree")),
    )


def _licence_fields(facts: LicenceFacts) -> Document:
    return {"code": facts.code.value, "version": facts.version, "url": facts.url, "attribution": facts.attribution}


def _read_licence(fields: Any) -> LicenceFacts:
    found = fields if isinstance(fields, dict) else {}
    return LicenceFacts(
        code=_CODES.get(text(found.get("code")), LicenceCode.UNKNOWN),
        version=text(found.get("version")) or None,
        url=text(found.get("url")) or None,
        attribution=text(found.get("attribution")) or None,
    )


def _said(fields: Document) -> Document:
    return {name: value for name, value in fields.items() if value is not None and value != []}


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
