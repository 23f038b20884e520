"""What contracts with providers allow: the terms of everybody, and those of tenants, which go before them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from app.clock import Clock, to_stored_precision
from app.errors import DomainError, FieldError, Invalid
from app.models.licensing.licences import LicenceTerms, TermsDraft
from app.models.licensing.license_terms import TermsOrder
from app.models.licensing.providers import ProviderName
from app.models.licensing.territories import TERRITORIES
from app.models.pages import Page
from app.services.group_commit import GroupCommit


class Terms(Protocol):
    """Where versions of terms are kept."""

    async def add(self, orders: Sequence[TermsOrder], now: Callable[[], datetime]) -> Sequence[LicenceTerms]:
        """Put new terms in force, in order."""
        ...

    async def current(self, provider: ProviderName, tenant_id: str | None) -> LicenceTerms | None:
        """The terms in force of exactly this scope."""
        ...

    async def as_of(self, provider: ProviderName, tenant_id: str | None, at: datetime) -> LicenceTerms | None:
        """The terms of exactly this scope that were in force at a moment."""
        ...

    async def versions(
        self, provider: ProviderName, tenant_id: str | None, cursor: str | None, limit: int
    ) -> Page[LicenceTerms]:
        """All versions of a scope, the newest first."""
        ...


class LicenseTermsService:
    """Takes new terms from admins, and says which hold."""

    def __init__(self, terms: Terms, clock: Clock) -> None:
        self._terms = terms
        self._clock = clock
        self._engine = GroupCommit[TermsOrder, LicenceTerms]("license-terms", self._commit)

    async def set(self, provider: ProviderName, tenant_id: str | None, draft: TermsDraft, by: str) -> LicenceTerms:
        """Put terms in force for everybody (`tenant_id` is `None`) or for one tenant, from now on.

        They are a new version, unless they say what is in force already. `by` is the admin's user id.

        Raises:
            Invalid: a territory is none, or the licence ends before it begins.
            Unavailable: not written in time; the same call can be made again.
        """
        return await self._engine.submit(TermsOrder(provider, tenant_id, _checked(draft), by))

    async def current(self, provider: ProviderName, tenant_id: str | None) -> LicenceTerms | None:
        """The terms in force of exactly this scope; `None` when nobody has set any.

        Raises:
            Unavailable: the database is away.
        """
        return await self._terms.current(provider, tenant_id)

    async def governing(
        self, provider: ProviderName, tenant_id: str | None, as_of: datetime | None = None
    ) -> LicenceTerms | None:
        """The terms that govern a tenant's uses, now or at a moment of the past: its own, or else everybody's.

        A tenant's own terms stand alone: what they do not allow, everybody's do not allow it either.

        Raises:
            Unavailable: the database is away.
        """
        for scope in dict.fromkeys((tenant_id, None)):
            found = await self._of(provider, scope, as_of)
            if found is not None:
                return found
        return None

    async def versions(
        self, provider: ProviderName, tenant_id: str | None, cursor: str | None, limit: int
    ) -> Page[LicenceTerms]:
        """All versions of a scope, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._terms.versions(provider, tenant_id, cursor, limit)

    async def close(self) -> None:
        """Commit what waits, and end."""
        await self._engine.close()

    async def _of(self, provider: ProviderName, scope: str | None, as_of: datetime | None) -> LicenceTerms | None:
        if as_of is None:
            return await self._terms.current(provider, scope)
        return await self._terms.as_of(provider, scope, as_of)

    async def _commit(self, orders: Sequence[TermsOrder]) -> Sequence[LicenceTerms | DomainError]:
        return await self._terms.add(orders, self._clock.now)


def _checked(draft: TermsDraft) -> TermsDraft:
    """The same terms as they are stored: each use and territory once, in order; times in UTC, to the millisecond."""
    wrong = [one for one in draft.territories or () if one not in TERRITORIES]
    if wrong:
        fault = FieldError("territories", f"{wrong[0]} is neither an ISO 3166-1 alpha-2 code nor WORLD")
        raise Invalid("The terms are not valid", [fault])
    checked = replace(
        draft,
        uses=_each_once(draft.uses),
        territories=_each_once(draft.territories),
        valid_from=_stored("validFrom", draft.valid_from),
        expires_at=_stored("expiresAt", draft.expires_at),
    )
    if checked.valid_from and checked.expires_at and checked.expires_at <= checked.valid_from:
        raise Invalid("The terms are not valid", [FieldError("expiresAt", "must be after validFrom")])
    return checked


def _each_once(values: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(sorted(set(values)))


def _stored(field: str, moment: datetime | None) -> datetime | None:
    try:
        return None if moment is None else to_stored_precision(moment.astimezone(UTC))
    except OverflowError:
        raise Invalid("The terms are not valid", [FieldError(field, "lies outside of the calendar")]) from None
