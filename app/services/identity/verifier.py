"""From a bearer token to the identity of its bearer."""

from dataclasses import dataclass
from typing import Protocol

from app.clock import Clock
from app.errors import Unauthorized
from app.models.identity import Identity
from app.services.identity.claims import ClaimRules
from app.services.identity.keys import KeySource, VerificationKey
from app.services.identity.signatures import signed_payload
from app.services.identity.token_header import TokenHeader, read_header, read_object
from app.services.remembered import Remembered

# A player sends the same token with every request, and checking its signature is an eighth of what a request costs.
_REMEMBERED = 16_384


class TokenVerifier(Protocol):
    """Tells who the bearer of a token is."""

    async def verify(self, token: str) -> Identity:
        """The bearer of a valid token, which is at most 4 KiB long and comes without `Bearer`.

        Raises:
            Unauthorized: the token is not to be believed; the message never says why.
            Unavailable: the keys cannot be had at present.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Believed:
    """A token that was checked: as what it was signed, with which key, and who bears it."""

    header: TokenHeader
    key: VerificationKey
    identity: Identity


class JoseTokenVerifier:
    """Verifies with python-jose, which is given one key and that key's one algorithm and is asked for nothing else.

    What jose gets wrong (docs/decisions/0003-tokens-with-python-jose.md) is decided here or in the modules beside:
    the header, the choice of the key, every claim.
    """

    def __init__(self, keys: KeySource, clock: Clock, issuer: str | None = None, audience: str | None = None) -> None:
        self._keys = keys
        self._clock = clock
        self._rules = ClaimRules(issuer, audience)
        self._believed = Remembered[_Believed](_REMEMBERED)

    async def verify(self, token: str) -> Identity:
        """The bearer; see `TokenVerifier`."""
        known = self._believed.get(token)
        identity = None if known is None else await self._still(known)
        if identity is None:
            identity = await self._checked(token)
        # Raised here and nowhere deeper, so that no traceback and no exception context holds a piece of the token.
        if identity is None:
            raise Unauthorized
        return identity

    async def aclose(self) -> None:
        """Close the key source."""
        await self._keys.aclose()

    async def _still(self, known: _Believed) -> Identity | None:
        """The bearer of a token that was believed, while its time lasts and its key is the one that is in force."""
        if self._clock.now() >= known.identity.expires_at:
            return None
        return known.identity if await self._key_for(known.header) is known.key else None

    async def _checked(self, token: str) -> Identity | None:
        header = read_header(token)
        key = None if header is None else await self._key_for(header)
        payload = None if key is None else signed_payload(token, key.key, key.algorithm)
        claims = None if payload is None else read_object(payload)
        identity = None if claims is None else self._rules.identity(claims, self._clock.now())
        if header is not None and key is not None and identity is not None:
            self._believed.keep(token, _Believed(header, key, identity))
        return identity

    async def _key_for(self, header: TokenHeader) -> VerificationKey | None:
        key = await self._keys.find(header.kid, header.algorithm)
        return key if key is not None and key.algorithm == header.algorithm else None
