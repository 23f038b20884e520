"""Tracks of providers, normalised: the same fields and units whoever offers them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.models.licensing.providers import ProviderName


class Energy(StrEnum):
    """How lively a track is."""

    VERY_LOW = "very_low"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class LicenceCode(StrEnum):
    """The licences that are told apart; whatever else a provider writes is `UNKNOWN` and never usable."""

    CC0 = "cc0"
    PDM = "pdm"
    BY = "by"
    BY_SA = "by-sa"
    BY_ND = "by-nd"
    BY_NC = "by-nc"
    BY_NC_SA = "by-nc-sa"
    BY_NC_ND = "by-nc-nd"
    SAMPLING = "sampling+"
    NC_SAMPLING = "nc-sampling+"
    CONTRACT = "contract"
    """Whatever the contract with the provider says; see `LicenceTerms`."""
    UNKNOWN = "unknown"


USABLE_LICENCES = frozenset({LicenceCode.CC0, LicenceCode.PDM, LicenceCode.BY, LicenceCode.CONTRACT})
"""What may be offered at all: free for any use, with credit for `by`, or by a contract of one's own."""


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """What a provider says about the licence of one track.

    `raw` holds the fields as they were sent (text each), beside what we made of them.
    """

    code: LicenceCode
    version: str | None = None
    url: str | None = None
    attribution: str | None = None
    raw: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_usable(self) -> bool:
        """Whether the track may be offered as usable."""
        return self.code in USABLE_LICENCES


@dataclass(frozen=True, slots=True)
class ProviderTrack:
    """A track as a provider offers it. What it does not say is `None` or empty, never invented.

    Texts are plain (no markup, no control characters, trimmed, at most 512 characters); addresses are absolute
    http(s) ones of at most 2,048 characters. `content_id_free` is whether the provider says that YouTube's Content ID
    does not know it. `vocals` is whether somebody sings.
    """

    provider: ProviderName
    id: str
    title: str
    licence: LicenceFacts
    artist: str | None = None
    album: str | None = None
    duration_ms: int | None = None
    bpm: float | None = None
    key: str | None = None
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    energy: Energy | None = None
    vocals: bool | None = None
    explicit: bool | None = None
    preview_url: str | None = None
    artwork_url: str | None = None
    page_url: str | None = None
    content_id_free: bool | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DownloadAddress:
    """Where the full file can be had, for whoever the licence is for; never fetched by us."""

    url: str
    format: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailedTrack:
    """A track that could not be read, with what was asked; `query` never holds a credential."""

    track_id: str | None
    query: str
    error: str


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """One step of a walk over a whole catalogue.

    `next_cursor` is the provider's own idea of where to go on; `None` at the end. `total` counts tracks, when known.
    """

    tracks: tuple[ProviderTrack, ...]
    next_cursor: str | None
    total: int | None
    failed: tuple[FailedTrack, ...] = ()
