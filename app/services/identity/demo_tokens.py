"""Tokens for the people of the demo, so that its pages can be tried without an identity provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from app.clock import Clock
from app.config import Settings
from app.demo.users import DEMO_USERS, DemoUser
from app.services.identity.algorithms import secret_algorithms
from app.services.identity.minting import mint_token
from app.services.identity.secrets import token_secret

GUEST = "guest"
LIFETIME = timedelta(hours=12)
_KNOWN: Mapping[str, DemoUser] = {user.name: user for user in DEMO_USERS}


@dataclass(frozen=True, slots=True)
class DemoToken:
    """A token, whose it is, and until when."""

    token: str
    user_id: str
    expires_at: datetime


class DemoTokenService:
    """Signs people in without asking who they are; it exists in development only."""

    def __init__(self, settings: Settings, clock: Clock, secret: str, algorithm: str) -> None:
        self._settings = settings
        self._clock = clock
        self._secret = secret
        self._algorithm = algorithm

    def mint(self, name: str) -> DemoToken:
        """A token of 12 hours for one of the demo users, or for a listener whom nobody has been before (`guest`).

        Raises:
            KeyError: nobody has this name.
        """
        user = DemoUser(GUEST, f"guest-{token_hex(4)}") if name == GUEST else _KNOWN[name]
        token = mint_token(
            self._secret,
            user_id=user.user_id,
            clock=self._clock,
            lifetime=LIFETIME,
            roles=user.roles,
            tenants=user.tenants,
            issuer=self._settings.jwt_issuer,
            audience=self._settings.jwt_audience,
            algorithm=self._algorithm,
        )
        return DemoToken(token, user.user_id, self._clock.now() + LIFETIME)


def demo_tokens(settings: Settings, clock: Clock) -> DemoTokenService | None:
    """The service in development, where tokens are signed with a shared secret; nothing anywhere else."""
    if settings.is_production:
        return None
    secret, algorithms = token_secret(settings), secret_algorithms(settings.jwt_algorithms)
    return DemoTokenService(settings, clock, secret, algorithms[0]) if secret and algorithms else None
