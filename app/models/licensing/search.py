"""Searches over providers, and what they give."""

from dataclasses import dataclass, field
from enum import StrEnum

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import Energy, LicenceCode, ProviderTrack


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """What is looked for; `None` is anything. Texts are normalised (trimmed, inner spaces single, lower case).

    A provider that has no such filter gives more, and `matches` sifts; a track that does not say (no `bpm`) does not
    match a filter on it.
    """

    query: str | None = None
    genre: str | None = None
    mood: str | None = None
    bpm_min: int | None = None
    bpm_max: int | None = None
    duration_min_s: int | None = None
    duration_max_s: int | None = None
    vocals: bool | None = None
    energy: Energy | None = None
    license: LicenceCode | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One upstream page of one provider: its usable tracks that match, and its total, when it says one.

    `entry_count` is how many entries the upstream page had before sifting.
    """

    tracks: tuple[ProviderTrack, ...]
    total: int | None
    entry_count: int


class Source(StrEnum):
    """Where an answer came from."""

    HIT = "hit"
    MISS = "miss"
    STALE = "stale"


class ProviderState(StrEnum):
    """How a provider took part in a search."""

    OK = "ok"
    CACHED = "cached"
    STALE = "stale"
    ERROR = "error"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search over all wanted providers gave; `total` is the sum of what they say."""

    tracks: tuple[ProviderTrack, ...]
    total: int
    source: Source
    providers: dict[ProviderName, ProviderState] = field(default_factory=dict)
