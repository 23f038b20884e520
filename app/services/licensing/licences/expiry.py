"""Looks for licences that end: warns ahead, says when they have ended, and has changes told to who listens."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog

from app.clock import Clock
from app.errors import DomainError
from app.metrics import LICENSE_WARNINGS, LICENSES_EXPIRED
from app.models.licensing.licences import LicenceTerms
from app.models.licensing.license_changes import LicenceChange, LicenceWarning
from app.models.privacy import Plain
from app.services.until_done import until_done

log = structlog.get_logger(__name__)

WARNING_DAYS = (30, 7, 1)
"""So many days before its end a licence is warned of."""

_TOLD_AT_ONCE = 1_000

T = TypeVar("T")


class LicenceEvents(Protocol):
    """Who hears of warnings and changes."""

    async def publish(self, kind: str, payload: Mapping[str, Plain], key: str | None = None) -> None:
        """Have it told: `license.expiring`, `license.expired` or `license.changed`; with the same `key` once."""
        ...


class TermsInForce(Protocol):
    """Where terms are kept."""

    async def all_current(self) -> Sequence[LicenceTerms]:
        """All terms in force."""
        ...


class ChangesAndWarnings(Protocol):
    """Where warnings are kept, and what is still to be told."""

    async def warn(self, warnings: Sequence[LicenceWarning]) -> Sequence[LicenceWarning]:
        """Keep each once; those that are new."""
        ...

    async def untold_warnings(self, limit: int) -> Sequence[LicenceWarning]:
        """Warnings that were not told yet."""
        ...

    async def untold_changes(self, limit: int) -> Sequence[LicenceChange]:
        """Changes that were not told yet."""
        ...

    async def warning_was_told(self, warning_id: str) -> None:
        """It needs not be told again."""
        ...

    async def change_was_told(self, change_id: str) -> None:
        """It needs not be told again."""
        ...


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a check found: terms in force, those that end within 30 days, those that have ended; and what it did."""

    checked: int
    expiring: int
    expired: int
    warned: int
    told: int

    @property
    def summary(self) -> Mapping[str, int]:
        """In numbers."""
        return {
            "checked": self.checked,
            "expiring": self.expiring,
            "expired": self.expired,
            "warned": self.warned,
            "told": self.told,
        }


class LicenseCheckService:
    """The hourly check."""

    def __init__(self, terms: TermsInForce, changes: ChangesAndWarnings, events: LicenceEvents, clock: Clock) -> None:
        self._terms = terms
        self._changes = changes
        self._events = events
        self._clock = clock

    async def run(self) -> CheckReport:
        """Warn of every licence that ends, 30, 7 and 1 days ahead and at its end, each once however often this runs.

        Of several warnings that are due at once only the nearest is given. What could not be told is told by the next
        run.

        Raises:
            Unavailable: the database is away; some may be done already.
        """
        now = self._clock.now()
        terms = await self._terms.all_current()
        due = [_warning(one, days, now) for one in terms if (days := warning_days(one, now)) is not None]
        new = await until_done(lambda _is_in_doubt: self._changes.warn(due)) if due else ()
        for warning in new:
            _say(warning)
        expired = sum(warning.days == 0 for warning in due)
        LICENSES_EXPIRED.set(expired)
        told = await self._tell()
        return CheckReport(len(terms), len(due) - expired, expired, len(new), told)

    async def _tell(self) -> int:
        warnings = await self._changes.untold_warnings(_TOLD_AT_ONCE)
        told = await _each(warnings, self._tell_warning)
        changes = await self._changes.untold_changes(_TOLD_AT_ONCE)
        return told + await _each(changes, self._tell_change)

    async def _tell_warning(self, warning: LicenceWarning) -> None:
        kind = "license.expired" if warning.days == 0 else "license.expiring"
        await self._events.publish(kind, _warning_payload(warning), warning.id)
        await self._changes.warning_was_told(warning.id)

    async def _tell_change(self, change: LicenceChange) -> None:
        await self._events.publish("license.changed", _change_payload(change), change.id)
        await self._changes.change_was_told(change.id)


def warning_days(terms: LicenceTerms, at: datetime) -> int | None:
    """The nearest warning that is due: 30, 7 or 1, or 0 when the licence has ended; `None` while its end is far."""
    ends = terms.terms.expires_at
    if ends is None:
        return None
    return min((days for days in (*WARNING_DAYS, 0) if ends - at <= timedelta(days=days)), default=None)


async def _each(untold: Sequence[T], tell: Callable[[T], Awaitable[None]]) -> int:
    """Tell one after the other, and stop at the first that cannot be: the next run goes on there."""
    for number, one in enumerate(untold):
        try:
            await tell(one)
        except DomainError as error:
            log.warning("licence_event_waits", reason=error.message, waiting=len(untold) - number)
            return number
    return len(untold)


def _warning(terms: LicenceTerms, days: int, now: datetime) -> LicenceWarning:
    name = f"{terms.provider.value}:{terms.version}:{days}:{terms.tenant_id or ''}"
    return LicenceWarning(name, days, terms, now)


def _say(warning: LicenceWarning) -> None:
    LICENSE_WARNINGS.labels(str(warning.days)).inc()
    terms = warning.terms
    say = log.error if warning.days == 0 else log.warning
    say(
        "licence_ended" if warning.days == 0 else "licence_ends",
        provider=terms.provider.value,
        tenant_id=terms.tenant_id,
        version=terms.version,
        within_days=warning.days,
        expires_at=terms.terms.expires_at,
    )


def _warning_payload(warning: LicenceWarning) -> Mapping[str, Plain]:
    terms = warning.terms
    return {
        "provider": terms.provider.value,
        "tenantId": terms.tenant_id,
        "version": terms.version,
        "type": terms.terms.type,
        "expiresAt": terms.terms.expires_at,
        "days": warning.days,
    }


def _change_payload(change: LicenceChange) -> Mapping[str, Plain]:
    return {
        "changeId": change.id,
        "kind": change.kind.value,
        "provider": change.provider.value,
        "tenantId": change.tenant_id,
        "trackId": change.track_id,
        "fromVersion": change.from_version,
        "toVersion": change.to_version,
        "fields": list(change.fields),
        "at": change.at,
    }
