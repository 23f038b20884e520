"""The keys that tokens are checked with, and where they are found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from jose.backends.base import Key

from app.config import MIN_SECRET_BYTES
from app.services.identity.algorithms import SECRET_ALGORITHMS
from app.services.identity.key_material import looks_like_key_material
from app.services.identity.signatures import make_key


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A key with the one algorithm that it may be used with; `kid` is its name, if it has one."""

    kid: str | None
    algorithm: str
    key: Key = field(repr=False)


class KeySource(Protocol):
    """Where a verifier finds the key of a token."""

    async def find(self, kid: str | None, algorithm: str) -> VerificationKey | None:
        """The key that a token with this `kid` must be signed with, or None.

        `algorithm` is what the token claims; it helps to choose between sources, and the caller compares it with
        the algorithm of the key that it gets.

        Raises:
            Unavailable: no keys can be had at present.
        """
        ...

    async def aclose(self) -> None:
        """End what runs in the background."""
        ...


def secret_key(secret: bytes, algorithm: str = "HS256") -> VerificationKey:
    """A shared secret, ready to use.

    Raises:
        ValueError: shorter than 32 bytes (jose takes an empty one, CVE-2026-120459), not a secret but a key or a
            certificate, or the algorithm is not one for secrets.
    """
    if len(secret) < MIN_SECRET_BYTES:
        raise ValueError(f"The token secret must have at least {MIN_SECRET_BYTES} bytes")
    if algorithm not in SECRET_ALGORITHMS:
        raise ValueError(f"{algorithm} does not work with a secret")
    if looks_like_key_material(secret):
        raise ValueError("The token secret is a key or a certificate; a secret must be random and known to nobody else")
    return VerificationKey(None, algorithm, make_key(secret, algorithm))


class SecretKeys:
    """One shared secret.

    It has no name, so a token's `kid` says nothing about it and is not looked at: some issuers send one with HS256.
    """

    def __init__(self, secret: bytes, algorithms: Sequence[str] = ("HS256",)) -> None:
        self._keys = {algorithm: secret_key(secret, algorithm) for algorithm in algorithms}

    async def find(self, kid: str | None, algorithm: str) -> VerificationKey | None:  # noqa: ARG002 - see the class
        """The secret, if it is used with `algorithm`."""
        return self._keys.get(algorithm)

    async def aclose(self) -> None:
        """Nothing runs."""


class CombinedKeys:
    """A secret for HS*, published keys for everything else: no token can have one kind taken for the other."""

    def __init__(self, secret: KeySource, published: KeySource) -> None:
        self._secret = secret
        self._published = published

    async def find(self, kid: str | None, algorithm: str) -> VerificationKey | None:
        """The key, from the source that serves `algorithm`."""
        source = self._secret if algorithm in SECRET_ALGORITHMS else self._published
        return await source.find(kid, algorithm)

    async def aclose(self) -> None:
        """Close both."""
        await self._secret.aclose()
        await self._published.aclose()
