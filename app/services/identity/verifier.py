"""From a bearer token to the identity of its bearer."""

from typing import Protocol

from app.clock import Clock
from app.errors import Unauthorized
from app.models.identity import Identity
from app.services.identity.claims import ClaimRules
from app.services.identity.keys import KeySource, VerificationKey
from app.services.identity.signatures import signed_payload
from app.services.identity.token_header import read_header, read_object


class TokenVerifier(Protocol):
    """Tells who the bearer of a token is."""

    async def verify(self, token: str) -> Identity:
        """The bearer of a valid token, which is at most 4 KiB long and comes without `Bearer`.

        Raises:
            Unauthorized: the token is not to be believed; the message never says why.
            Unavailable: the keys cannot be had at present.
        """
        ...


class JoseTokenVerifier:
    """Verifies with python-jose, which is given one key and that key's one algorithm and is asked for nothing else.

    What jose gets wrong (docs/decisions/0003-tokens-with-python-jose.md) is decided here or in the modules beside:
    the header, the choice of the key, every claim.
    """

    def __init__(self, keys: KeySource, clock: Clock, issuer: str | None = None, audience: str | None = None) -> None:
        self._keys = keys
        self._clock = clock
        self._rules = ClaimRules(issuer, audience)

    async def verify(self, token: str) -> Identity:
        """The bearer; see `TokenVerifier`."""
        key = await self._key_of(token)
        payload = None if key is None else signed_payload(token, key.key, key.algorithm)
        claims = None if payload is None else read_object(payload)
        identity = None if claims is None else self._rules.identity(claims, self._clock.now())
        # Raised here and nowhere deeper, so that no traceback and no exception context holds a piece of the token.
        if identity is None:
            raise Unauthorized
        return identity

    async def aclose(self) -> None:
        """Close the key source."""
        await self._keys.aclose()

    async def _key_of(self, token: str) -> VerificationKey | None:
        header = read_header(token)
        if header is None:
            return None
        key = await self._keys.find(header.kid, header.algorithm)
        return key if key is not None and key.algorithm == header.algorithm else None
