"""How the recorded uses stand to the licences in force."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.models.licensing.licences import LicenceTerms
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode
from app.models.licensing.usage import Usage, Use


@dataclass(frozen=True, slots=True)
class Standing:
    """Uses that stand and fall together: of one provider, tenant and kind, and alike in the evidence in force.

    `code` is `None` when there is no evidence.
    """

    provider: ProviderName
    tenant_id: str | None
    use: Use
    code: LicenceCode | None
    is_withdrawn: bool


Rule = Callable[[Standing, LicenceTerms | None], Sequence[str]]
"""The reasons against uses of a standing, under the terms that govern them; none when they are licensed."""


@dataclass(frozen=True, slots=True)
class JudgedUses:
    """How many uses have a standing, the terms that govern them, and the reasons against them."""

    standing: Standing
    uses: int
    terms: LicenceTerms | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InvalidUse:
    """A recorded use that is not licensed now, and why."""

    usage: Usage
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """All uses and all terms in force at one moment, and the latest of the uses that are not licensed."""

    terms: tuple[LicenceTerms, ...]
    judged: tuple[JudgedUses, ...]
    invalid: tuple[InvalidUse, ...]


@dataclass(frozen=True, slots=True)
class EndingTerms:
    """Terms whose licence ends within `warning` days (30, 7 or 1; 0: it has ended), with the uses under them.

    `days_left` is rounded up, so that it is 0 only after the end.
    """

    terms: LicenceTerms
    warning: int
    days_left: int
    uses: int


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many uses are licensed."""

    total: int
    valid: int

    @property
    def rate(self) -> float | None:
        """In percent, to two decimals; `None` over no uses. It is 100 only when all are licensed."""
        if not self.total:
            return None
        rate = round(100 * self.valid / self.total, 2)
        return rate if self.valid == self.total else min(rate, 99.99)


@dataclass(frozen=True, slots=True)
class Compliance:
    """The answer of `…/analytics/compliance`."""

    at: datetime
    all: Share
    by_provider: tuple[tuple[ProviderName, Share], ...]
    expiring: tuple[EndingTerms, ...]
    expired: tuple[EndingTerms, ...]
    invalid: tuple[InvalidUse, ...]
