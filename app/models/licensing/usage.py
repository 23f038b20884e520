"""Uses of tracks: what one is, when, by whom, and the licence that it rests on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Self

from app.models.licensing.licences import Verdict
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode, ProviderTrack

_TYPES = {
    LicenceCode.CC0: "public_domain",
    LicenceCode.PDM: "public_domain",
    LicenceCode.CONTRACT: "contract",
    LicenceCode.UNKNOWN: "unknown",
}


@dataclass(frozen=True, slots=True)
class Use:
    """What a track is used for, and where: a word such as `youtube`, and an ISO 3166-1 code or `WORLD`."""

    usage: str
    territory: str


@dataclass(frozen=True, slots=True)
class Period:
    """A moment, or a day in UTC; both ends belong to it."""

    first: datetime
    last: datetime

    @classmethod
    def at(cls, moment: datetime) -> Self:
        """One moment."""
        return cls(moment, moment)

    @classmethod
    def day(cls, day: date) -> Self:
        """All of a day."""
        return cls(
            datetime.combine(day, time.min, UTC),
            datetime.combine(day, time(23, 59, 59, 999_000), UTC),
        )


@dataclass(frozen=True, slots=True)
class UseOrder:
    """A use as somebody asks for it; of the orders with the same `idempotency_key` of a user one is recorded."""

    user_id: str
    tenant_id: str | None
    provider: ProviderName
    track_id: str
    project_id: str
    use: Use
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A use that somebody wants recorded.

    `id` is chosen before it is written: the same one is never recorded twice. `track` is as the provider described it
    when it was looked up.
    """

    id: str
    user_id: str
    tenant_id: str | None
    project_id: str
    use: Use
    track: ProviderTrack


def licence_type(verdict: Verdict) -> str:
    """The kind of licence in a word: the contract's own, or what the code stands for."""
    if verdict.terms is not None:
        return verdict.terms.terms.type
    return _TYPES.get(verdict.code, "creative_commons")


@dataclass(frozen=True, slots=True)
class LicenceSnapshot:
    """The licence that a use rests on, as it was at that moment.

    `terms_tenant_id` and `terms_version` name the terms of a contract; they are `None` where the track's own licence
    is enough.
    """

    code: LicenceCode
    type: str
    licence_version: str | None
    url: str | None
    attribution: str | None
    valid_until: datetime | None
    terms_tenant_id: str | None
    terms_version: int | None
    evidence_version: int
    evidence_observed_at: datetime
    evidence_hash: str

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """What a valid verdict was based on."""
        evidence, terms = verdict.evidence, verdict.terms
        if evidence is None:
            raise ValueError("Without evidence no use is valid")
        return cls(
            code=verdict.code,
            type=licence_type(verdict),
            licence_version=evidence.licence_version,
            url=evidence.url,
            attribution=verdict.attribution,
            valid_until=verdict.valid_until,
            terms_tenant_id=terms.tenant_id if terms else None,
            terms_version=terms.version if terms else None,
            evidence_version=evidence.version,
            evidence_observed_at=evidence.observed_at,
            evidence_hash=evidence.hash,
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """A recorded use; the track's title, artist, genres and moods are as they were then."""

    id: str
    user_id: str | None
    tenant_id: str | None
    project_id: str
    provider: ProviderName
    track_id: str
    title: str
    artist: str | None
    genres: tuple[str, ...]
    moods: tuple[str, ...]
    use: Use
    used_at: datetime
    licence: LicenceSnapshot
