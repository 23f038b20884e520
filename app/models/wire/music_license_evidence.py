"""Evidence of licences as it is shown."""

from typing import Self

from app.models.licensing.licences import Evidence
from app.models.licensing.tracks import LicenceCode
from app.models.pages import Page
from app.models.wire.base import CamelModel, Moment


class EvidenceShown(CamelModel):
    """What a provider said of a licence, from `observedAt` on; `confirmedAt` is when it was last seen unchanged.

    `raw` are the provider's own fields.
    """

    version: int
    code: LicenceCode
    license_version: str | None
    url: str | None
    attribution: str | None
    withdrawn: bool
    observed_at: Moment
    confirmed_at: Moment
    hash: str
    raw: dict[str, str]

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """Show a version."""
        return cls(
            version=evidence.version,
            code=evidence.code,
            license_version=evidence.licence_version,
            url=evidence.url,
            attribution=evidence.attribution,
            withdrawn=evidence.is_withdrawn,
            observed_at=evidence.observed_at,
            confirmed_at=evidence.confirmed_at,
            hash=evidence.hash,
            raw=dict(evidence.raw),
        )


class EvidenceList(CamelModel):
    """One page of evidence; `nextCursor` is null on the last one."""

    items: list[EvidenceShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[Evidence]) -> Self:
        """Show a page."""
        return cls(items=[EvidenceShown.of(one) for one in page.items], next_cursor=page.next_cursor)
