"""Changes of licences, versions of terms and what a check found, as they are shown to admins."""

from typing import Self

from app.models.licensing.licences import LicenceTerms
from app.models.licensing.license_changes import ChangeKind, LicenceChange
from app.models.licensing.providers import ProviderName
from app.models.pages import Page
from app.models.wire.base import CamelModel, Moment
from app.models.wire.music_license_terms import LicenseTermsShown


class TermsVersionList(CamelModel):
    """One page of versions of terms; `nextCursor` is null on the last one."""

    items: list[LicenseTermsShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[LicenceTerms]) -> Self:
        """Show a page."""
        return cls(items=[LicenseTermsShown.of(made) for made in page.items], next_cursor=page.next_cursor)


class ChangeShown(CamelModel):
    """A new version of terms or evidence, or the end of a licence; `fields` names what is different."""

    id: str
    kind: ChangeKind
    provider: ProviderName
    tenant_id: str | None
    track_id: str | None
    from_version: int | None
    to_version: int
    fields: list[str]
    at: Moment
    changed_by: str | None

    @classmethod
    def of(cls, change: LicenceChange) -> Self:
        """Show a change."""
        return cls(
            id=change.id,
            kind=change.kind,
            provider=change.provider,
            tenant_id=change.tenant_id,
            track_id=change.track_id,
            from_version=change.from_version,
            to_version=change.to_version,
            fields=list(change.fields),
            at=change.at,
            changed_by=change.changed_by,
        )


class ChangeList(CamelModel):
    """One page of changes; `nextCursor` is null on the last one."""

    items: list[ChangeShown]
    next_cursor: str | None

    @classmethod
    def of(cls, page: Page[LicenceChange]) -> Self:
        """Show a page."""
        return cls(items=[ChangeShown.of(change) for change in page.items], next_cursor=page.next_cursor)


class CheckShown(CamelModel):
    """What a check found and did: terms in force, those that end within 30 days, those that have ended; what is new."""

    checked: int
    expiring: int
    expired: int
    warned: int
    told: int
