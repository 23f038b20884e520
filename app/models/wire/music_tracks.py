"""Tracks of music providers as they are shown."""

from typing import Any, Self

from pydantic import Field

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import Energy, LicenceCode, LicenceFacts, ProviderTrack
from app.models.wire.base import CamelModel


class TrackLicenseShown(CamelModel):
    """The licence of a track; `usable` is whether it may be offered at all."""

    code: LicenceCode
    version: str | None
    url: str | None
    attribution: str | None
    usable: bool

    @classmethod
    def of(cls, facts: LicenceFacts) -> Self:
        """Show what a provider says of a licence; its own fields stay inside."""
        return cls(
            code=facts.code,
            version=facts.version,
            url=facts.url,
            attribution=facts.attribution,
            usable=facts.is_usable,
        )


class TrackShown(CamelModel):
    """A track of a provider; what the provider does not say is null or empty."""

    id: str
    provider: ProviderName
    title: str
    artist: str | None
    album: str | None
    duration_ms: int | None
    bpm: float | None
    key: str | None
    genres: list[str]
    moods: list[str]
    instruments: list[str]
    tags: list[str]
    energy: Energy | None
    vocals: bool | None
    explicit: bool | None
    preview_url: str | None
    artwork_url: str | None
    page_url: str | None
    content_id_free: bool | None = Field(description="Whether the provider says that Content ID does not know it.")
    license: TrackLicenseShown

    @classmethod
    def of(cls, track: ProviderTrack) -> Self:
        """Show a track."""
        return cls(**shown_fields(track))


def shown_fields(track: ProviderTrack) -> dict[str, Any]:
    """The fields of `TrackShown`, for shapes that show a track and something more beside it."""
    return {
        "id": track.id,
        "provider": track.provider,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "duration_ms": track.duration_ms,
        "bpm": track.bpm,
        "key": track.key,
        "genres": list(track.genres),
        "moods": list(track.moods),
        "instruments": list(track.instruments),
        "tags": list(track.tags),
        "energy": track.energy,
        "vocals": track.vocals,
        "explicit": track.explicit,
        "preview_url": track.preview_url,
        "artwork_url": track.artwork_url,
        "page_url": track.page_url,
        "content_id_free": track.content_id_free,
        "license": TrackLicenseShown.of(track.licence),
    }
