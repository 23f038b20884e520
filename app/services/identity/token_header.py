"""The header of a token, read with suspicion: nothing in it has been verified."""

import base64
import json
import re
from dataclasses import dataclass
from functools import lru_cache

from app.services.identity.jwk import MAX_KID_LENGTH

MAX_TOKEN_LENGTH = 4096

# jose skips characters that are not base64url and takes empty parts; both are refused before it sees them.
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)

_REFUSED = frozenset({"crit", "jku", "jwk", "x5u", "x5c"})
"""`crit` names extensions that we do not have (RFC 7515, section 4.1.11); the others bring the sender's own key."""


@dataclass(frozen=True, slots=True)
class TokenHeader:
    """What a token says about how it is signed."""

    algorithm: str
    kid: str | None


def read_header(token: object) -> TokenHeader | None:
    """The header of a token of three parts and at most 4 KiB; None for anything else."""
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        return None
    parts = _COMPACT.fullmatch(token)
    return None if parts is None else _header(parts[1])


# An issuer writes the same header over nearly all of its tokens.
@lru_cache(maxsize=256)
def _header(segment: str) -> TokenHeader | None:
    fields = read_object(_decoded(segment))
    if fields is None or not _REFUSED.isdisjoint(fields):
        return None
    algorithm, kid = fields.get("alg"), fields.get("kid")
    if not isinstance(algorithm, str):
        return None
    if kid is None:
        return None if "kid" in fields else TokenHeader(algorithm, None)
    return TokenHeader(algorithm, kid) if isinstance(kid, str) and len(kid) <= MAX_KID_LENGTH else None


def _decoded(segment: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except ValueError:
        return b""


def read_object(text: bytes) -> dict[str, object] | None:
    """The JSON object in UTF-8 that this is, or None."""
    try:
        value = json.loads(text.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
