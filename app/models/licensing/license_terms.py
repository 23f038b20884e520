"""Orders for new terms."""

from dataclasses import dataclass

from app.models.licensing.licences import TermsDraft
from app.models.licensing.providers import ProviderName


@dataclass(frozen=True, slots=True)
class TermsOrder:
    """Terms that an admin wants in force for everybody (`tenant_id` is `None`) or for one tenant."""

    provider: ProviderName
    tenant_id: str | None
    terms: TermsDraft
    made_by: str
