"""Licences: the terms of contracts, dated evidence per track, and the verdict on one use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode

WORLD = "WORLD"
"""The territory that holds all others."""


@dataclass(frozen=True, slots=True)
class TermsDraft:
    """What an admin says a contract allows.

    `uses` and `territories` are `None` when the contract does not limit them; an empty tuple allows nothing.
    Territories are ISO 3166-1 alpha-2 codes in upper case, or `WORLD`. The licence holds from `valid_from` (included)
    to `expires_at` (excluded); `None` is without end.
    """

    type: str
    uses: tuple[str, ...] | None = None
    territories: tuple[str, ...] | None = None
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    attribution: str | None = None


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """One version of the terms with a provider, of everybody (`tenant_id` is `None`) or of one tenant.

    Versions are never changed; a new one supersedes the last, and what held on a day is the newest made before its
    end.
    """

    provider: ProviderName
    tenant_id: str | None
    version: int
    terms: TermsDraft
    made_at: datetime
    made_by: str
    hash: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a provider said about the licence of a track, as it was seen from `observed_at` on.

    `confirmed_at` is when it was last seen unchanged. A track that vanished has evidence with `is_withdrawn`. `hash`
    is over the facts (normalised and raw), so that what was stored can be shown to be unchanged.
    """

    provider: ProviderName
    track_id: str
    version: int
    code: LicenceCode
    licence_version: str | None
    url: str | None
    attribution: str | None
    observed_at: datetime
    confirmed_at: datetime
    hash: str
    is_withdrawn: bool = False
    raw: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a use is licensed at `at`, with a sentence for each reason against it.

    `valid_until` is the end of the licence, when it has one: until then the verdict can only change by new terms or
    new evidence.
    """

    is_valid: bool
    reasons: tuple[str, ...]
    at: datetime
    code: LicenceCode
    attribution: str | None
    terms: LicenceTerms | None
    evidence: Evidence | None
    valid_until: datetime | None
