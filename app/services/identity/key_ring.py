"""The keys of one JWKS document, by name."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import structlog

from app.services.identity.jwk import UnusableKey, jwk_key
from app.services.identity.keys import VerificationKey

MAX_DOCUMENT_BYTES = 256 * 1024
MAX_KEYS = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The usable keys of a document that was fetched at `fetched_at`."""

    named: Mapping[str, VerificationKey]
    only: VerificationKey | None
    fetched_at: datetime

    @classmethod
    def parse(cls, document: bytes, algorithms: Collection[str], fetched_at: datetime) -> Self:
        """Read a JWKS; an entry that cannot be used is skipped, as RFC 7517, section 5 asks.

        The first of two keys with one name stays. What follows the first 100 entries is not read.

        Raises:
            ValueError: not a JWKS, or larger than 256 KiB.
        """
        keys = [key for key in _usable(_entries(document)) if key.algorithm in algorithms]
        if not keys:
            log.warning("jwks_without_usable_keys", algorithms=tuple(algorithms))
        named = {key.kid: key for key in reversed(keys) if key.kid is not None}
        return cls(named, keys[0] if len(keys) == 1 else None, fetched_at)

    def find(self, kid: str | None) -> VerificationKey | None:
        """The key of this name; for a token that names none, the only key there is."""
        return self.only if kid is None else self.named.get(kid)


def _entries(document: bytes) -> list[object]:
    if len(document) > MAX_DOCUMENT_BYTES:
        raise ValueError("The JWKS is too large")
    try:
        jwks = json.loads(document)
    except RecursionError:
        raise ValueError("The JWKS is nested too deeply") from None
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if isinstance(keys, list):
        return keys[:MAX_KEYS]
    raise ValueError("The JWKS has no list of keys")


def _usable(entries: list[object]) -> Iterator[VerificationKey]:
    for position, entry in enumerate(entries):
        if not isinstance(entry, dict):
            continue
        try:
            yield jwk_key(entry)
        except UnusableKey as reason:
            log.info("jwks_key_skipped", position=position, reason=str(reason))
