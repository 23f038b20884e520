"""Verdicts and recorded uses as they are asked for and shown."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field

from app.models.licensing.licences import Verdict
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode
from app.models.licensing.usage import LicenceSnapshot, Period, Usage, licence_type
from app.models.licensing.usage import Use as LicensedUse
from app.models.pages import Page
from app.models.wire.base import CamelModel, Moment
from app.models.wire.day_or_moment import DayOrMoment, to_period
from app.models.wire.music_license_terms import LicenseTermsShown, Territory, Use

ProjectId = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00]+$", examples=["spring-campaign"])]


class LicenseQuestion(CamelModel):
    """A use, and the day or the moment that it is asked of; without one, now."""

    model_config = ConfigDict(extra="forbid")

    usage: Use
    territory: Territory
    date: DayOrMoment | None = None

    @property
    def use(self) -> LicensedUse:
        """As the service takes it."""
        return LicensedUse(self.usage, self.territory)

    @property
    def period(self) -> Period | None:
        """As the service takes it."""
        return None if self.date is None else to_period(self.date)


class NewUsage(CamelModel):
    """A use to record."""

    model_config = ConfigDict(extra="forbid")

    project_id: ProjectId
    usage: Use
    territory: Territory

    @property
    def use(self) -> LicensedUse:
        """As the service takes it."""
        return LicensedUse(self.usage, self.territory)


class EvidenceReference(CamelModel):
    """Which evidence a verdict rests on; `hash` is a SHA-256 over all that the provider said."""

    version: int
    observed_at: Moment
    hash: str


class LicenseShown(CamelModel):
    """A licence as it counts for one use. `terms` are those of the contract, when it takes one."""

    code: LicenceCode
    version: str | None
    url: str | None
    attribution: str | None = Field(description="The credit that has to be given.")
    type: str
    terms: LicenseTermsShown | None
    evidence: EvidenceReference | None
    valid_until: Moment | None = Field(description="The first moment without licence; null when it has no end.")

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """Show what a verdict rests on."""
        evidence = verdict.evidence
        return cls(
            code=verdict.code,
            version=evidence.licence_version if evidence else None,
            url=evidence.url if evidence else None,
            attribution=verdict.attribution,
            type=licence_type(verdict),
            terms=LicenseTermsShown.of(verdict.terms) if verdict.terms else None,
            evidence=_reference(evidence.version, evidence.observed_at, evidence.hash) if evidence else None,
            valid_until=verdict.valid_until,
        )


class VerdictShown(CamelModel):
    """Whether a use is licensed at `asOf`, with a sentence for each thing that is in the way."""

    valid: bool
    reasons: list[str]
    license: LicenseShown
    as_of: Moment
    checked_at: Moment

    @classmethod
    def of(cls, verdict: Verdict, checked_at: datetime) -> Self:
        """Show a verdict."""
        return cls(
            valid=verdict.is_valid,
            reasons=list(verdict.reasons),
            license=LicenseShown.of(verdict),
            as_of=verdict.at,
            checked_at=checked_at,
        )


class LicenseSnapshotShown(CamelModel):
    """The licence that a use rests on; `termsTenantId` is null also where the terms are everybody's."""

    code: LicenceCode
    version: str | None
    url: str | None
    attribution: str | None
    type: str
    terms_version: int | None
    terms_tenant_id: str | None
    evidence: EvidenceReference
    valid_until: Moment | None

    @classmethod
    def of(cls, snapshot: LicenceSnapshot) -> Self:
        """Show a snapshot."""
        return cls(
            code=snapshot.code,
            version=snapshot.licence_version,
            url=snapshot.url,
            attribution=snapshot.attribution,
            type=snapshot.type,
            terms_version=snapshot.terms_version,
            terms_tenant_id=snapshot.terms_tenant_id,
            evidence=_reference(snapshot.evidence_version, snapshot.evidence_observed_at, snapshot.evidence_hash),
            valid_until=snapshot.valid_until,
        )


class UsageShown(CamelModel):
    """A recorded use; title and artist are as they were then."""

    id: str
    provider: ProviderName
    track_id: str
    title: str
    artist: str | None
    project_id: str
    tenant_id: str | None
    user_id: str | None
    usage: str
    territory: str
    used_at: Moment
    license: LicenseSnapshotShown

    @classmethod
    def of(cls, usage: Usage) -> Self:
        """Show a use."""
        return cls(
            id=usage.id,
            provider=usage.provider,
            track_id=usage.track_id,
            title=usage.title,
            artist=usage.artist,
            project_id=usage.project_id,
            tenant_id=usage.tenant_id,
            user_id=usage.user_id,
            usage=usage.use.usage,
            territory=usage.use.territory,
            used_at=usage.used_at,
            license=LicenseSnapshotShown.of(usage.licence),
        )


class UsageList(CamelModel):
    """One page of recorded uses; `nextCursor` is null on the last one."""

    items: list[UsageShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Usage]) -> Self:
        """Show a page."""
        return cls(items=[UsageShown.of(usage) for usage in page.items], next_cursor=page.next_cursor)


def _reference(version: int, observed_at: datetime, digest: str) -> EvidenceReference:
    return EvidenceReference(version=version, observed_at=observed_at, hash=digest)
