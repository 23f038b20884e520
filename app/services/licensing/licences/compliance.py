"""How the recorded uses stand to the licences in force now, and the changes that touch them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from app.clock import Clock
from app.models.licensing.compliance import Compliance, EndingTerms, Inventory, JudgedUses, Rule, Share, Standing
from app.models.licensing.licences import LicenceTerms
from app.models.licensing.license_changes import LicenceChange
from app.models.licensing.providers import ProviderName
from app.models.licensing.tracks import LicenceCode
from app.models.licensing.usage import Period, Usage
from app.models.pages import Page
from app.services.licensing.licences.expiry import warning_days
from app.services.licensing.licences.verdicts import reasons_against

INVALID_SHOWN = 100

_DAY = timedelta(days=1)


class Inventories(Protocol):
    """All recorded uses with what decides about them."""

    async def take(self, rule: Rule, limit: int) -> Inventory:
        """Judge all uses, of one moment."""
        ...


class Changes(Protocol):
    """What has changed about licences."""

    async def get(self, change_id: str) -> LicenceChange:
        """One change, or `NotFound`."""
        ...

    async def page(self, cursor: str | None, limit: int) -> Page[LicenceChange]:
        """Changes, the latest first."""
        ...


class TouchedUses(Protocol):
    """Recorded uses by what they rest on."""

    async def touched_by(self, change: LicenceChange, cursor: str | None, limit: int) -> Page[Usage]:
        """Those that rest on what has changed, the latest first."""
        ...


class ComplianceService:
    """Looks at all uses at once."""

    def __init__(self, inventories: Inventories, changes: Changes, usages: TouchedUses, clock: Clock) -> None:
        self._inventories = inventories
        self._changes = changes
        self._usages = usages
        self._clock = clock

    async def report(self) -> Compliance:
        """Judge every recorded use by the terms and the evidence in force now; nobody outside is asked.

        A use is judged as if it were made now: it was licensed when it was recorded.

        Raises:
            Unavailable: the database is away.
        """
        now = self._clock.now()
        taken = await self._inventories.take(_rule(Period.at(now)), INVALID_SHOWN)
        ending = [_ending(terms, taken, now) for terms in taken.terms if warning_days(terms, now) is not None]
        ending.sort(key=lambda one: (one.terms.terms.expires_at or now, one.terms.provider, one.terms.tenant_id or ""))
        return Compliance(
            at=now,
            all=_share(taken.judged),
            by_provider=_by_provider(taken.judged),
            expiring=tuple(one for one in ending if one.warning),
            expired=tuple(one for one in ending if not one.warning),
            invalid=taken.invalid,
        )

    async def changes(self, cursor: str | None, limit: int) -> Page[LicenceChange]:
        """What has changed about licences, the latest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._changes.page(cursor, limit)

    async def touched_by(self, change_id: str, cursor: str | None, limit: int) -> Page[Usage]:
        """Recorded uses that rest on what has changed, the latest first.

        Raises:
            NotFound: there is no such change.
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._usages.touched_by(await self._changes.get(change_id), cursor, limit)


def _rule(period: Period) -> Rule:
    def reasons(standing: Standing, terms: LicenceTerms | None) -> tuple[str, ...]:
        return reasons_against(standing.code, terms, standing.use, period, is_withdrawn=standing.is_withdrawn)

    return reasons


def _share(judged: Iterable[JudgedUses]) -> Share:
    found = list(judged)
    return Share(sum(one.uses for one in found), sum(one.uses for one in found if not one.reasons))


def _by_provider(judged: Iterable[JudgedUses]) -> tuple[tuple[ProviderName, Share], ...]:
    found = list(judged)
    names = {one.standing.provider for one in found}
    return tuple(
        (name, _share(one for one in found if one.standing.provider is name)) for name in ProviderName if name in names
    )


def _ending(terms: LicenceTerms, taken: Inventory, now: datetime) -> EndingTerms:
    left = (terms.terms.expires_at or now) - now
    uses = sum(one.uses for one in taken.judged if one.terms == terms and one.standing.code is LicenceCode.CONTRACT)
    return EndingTerms(terms, warning_days(terms, now) or 0, max(0, -(-left // _DAY)), uses)
