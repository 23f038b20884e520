"""What has changed about licences, and the warnings of what is going to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.models.licensing.licences import LicenceTerms
from app.models.licensing.providers import ProviderName


class ChangeKind(StrEnum):
    """What it is that has changed."""

    TERMS = "terms"
    EVIDENCE = "evidence"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class LicenceChange:
    """A new version of terms or evidence, or the end of a licence.

    `track_id` is of evidence only, `tenant_id` of terms, where `None` is everybody. `from_version` is `None` for the
    first terms of a tenant or of everybody. `fields` names what is different. `changed_by` is the admin's user id.
    """

    id: str
    kind: ChangeKind
    provider: ProviderName
    tenant_id: str | None
    track_id: str | None
    from_version: int | None
    to_version: int
    fields: tuple[str, ...]
    at: datetime
    changed_by: str | None = None


@dataclass(frozen=True, slots=True)
class LicenceWarning:
    """A licence that ends within `days` days; 0 is that it has ended. There is one for each version and each `days`."""

    id: str
    days: int
    terms: LicenceTerms
    at: datetime
