"""Makes tokens for development; in production the issuer does."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.clock import Clock
from app.models.identity import Role
from app.services.identity.claims import is_fit_id
from app.services.identity.keys import secret_key
from app.services.identity.signatures import sign


def mint_token(
    secret: str,
    *,
    user_id: str,
    clock: Clock,
    lifetime: timedelta,
    roles: Iterable[Role] = (),
    tenants: Iterable[str] = (),
    issuer: str | None = None,
    audience: str | None = None,
    algorithm: str = "HS256",
) -> str:
    """A token signed with the shared secret, valid from now for `lifetime`, cut to whole seconds.

    Raises:
        ValueError: the secret or the algorithm is unfit, an id is none that a verifier takes, or `lifetime` is under
            a second.
    """
    tenants = sorted(tenants)
    if not all(is_fit_id(value) for value in (user_id, *tenants)):
        raise ValueError("Ids have 1 to 256 characters, and no control characters")
    if lifetime < timedelta(seconds=1):
        raise ValueError("A token must live for a second at least")
    claims: dict[str, object] = {"sub": user_id, "roles": sorted(roles), "tenants": tenants}
    claims |= _period(clock.now(), lifetime)
    claims |= {name: value for name, value in (("iss", issuer), ("aud", audience)) if value is not None}
    return sign(claims, secret_key(secret.encode(), algorithm).key, algorithm)


def _period(now: datetime, lifetime: timedelta) -> dict[str, int]:
    return {"iat": int(now.timestamp()), "exp": int((now + lifetime).timestamp())}
