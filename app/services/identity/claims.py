"""Who a verified payload speaks of, and whether it holds at a moment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from app.clock import to_stored_precision
from app.models.identity import Identity, Role

T = TypeVar("T")

MAX_ID_LENGTH = 256

_SKEW = timedelta(seconds=10)
_LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()

# Control characters, line and paragraph separators, and lone surrogates, which JSON can spell and UTF-8 cannot.
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

_USER_ID_CLAIMS = ("sub", "id", "userId")


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """What a token must carry; None asks for nothing."""

    issuer: str | None = None
    audience: str | None = None

    def identity(self, claims: Mapping[str, object], now: datetime) -> Identity | None:
        """The bearer, or None when a claim is missing, wrong, or does not hold at `now`.

        A token ends at its `exp`, to the millisecond; `nbf` and `iat` may lie 10 s ahead, for an issuer whose clock is.
        """
        user_id, expires_at = _user_id(claims), _moment(claims.get("exp"))
        if user_id is None or expires_at is None or now >= expires_at:
            return None
        if not (_has_begun(claims, now) and self._is_meant_for_us(claims)):
            return None
        roles, tenants = _shared(_roles(claims.get("roles"))), _shared(_tenants(claims.get("tenants")))
        return Identity(user_id, roles, tenants, expires_at)

    def _is_meant_for_us(self, claims: Mapping[str, object]) -> bool:
        if self.issuer is not None and claims.get("iss") != self.issuer:
            return False
        audience = claims.get("aud")
        return self.audience is None or audience == self.audience or _lists(audience, self.audience)


@lru_cache(maxsize=1024)
def _shared(values: frozenset[T]) -> frozenset[T]:
    """The same set, once for all who have it: thousands of identities are remembered, and each set is looked at by
    every full run of the garbage collector."""
    return values


def is_fit_id(value: str) -> bool:
    """Whether this can be the id of a user or a tenant: 1 to 256 characters, none of them a control character."""
    return 0 < len(value) <= MAX_ID_LENGTH and _UNFIT.search(value) is None


def _lists(value: object, wanted: str) -> bool:
    return isinstance(value, list) and wanted in value


def _has_begun(claims: Mapping[str, object], now: datetime) -> bool:
    for name in ("nbf", "iat"):
        if name in claims:
            moment = _moment(claims[name])
            if moment is None or moment - _SKEW > now:
                return False
    return True


def _moment(value: object) -> datetime | None:
    """A NumericDate: seconds since 1970, fractions allowed (RFC 7519, section 2), up to the year 9999."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= _LATEST:  # also false for NaN and the infinities
        return None
    return to_stored_precision(datetime.fromtimestamp(value, UTC))


def _user_id(claims: Mapping[str, object]) -> str | None:
    value = next((claims[name] for name in _USER_ID_CLAIMS if name in claims), None)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and is_fit_id(value) else None


def _roles(value: object) -> frozenset[Role]:
    return frozenset(role for role in Role if _lists(value, role))


def _tenants(value: object) -> frozenset[str]:
    if not isinstance(value, list):
        return frozenset()
    return frozenset(tenant for tenant in value if isinstance(tenant, str) and is_fit_id(tenant))
