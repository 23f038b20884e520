"""One entry of a JWKS (RFC 7517) made into a key, or refused."""

import base64
import re
from collections.abc import Mapping

from app.services.identity.keys import VerificationKey
from app.services.identity.signatures import NotAKey, make_key

MAX_KID_LENGTH = 256

_RSA_BITS = range(2048, 8193)
"""RFC 7518, section 3.3 sets the floor; above the ceiling one check costs milliseconds."""

_CURVE_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_RSA_ALGORITHMS = ("RS256", "RS384", "RS512")
_NUMBERS = {"RSA": ("n", "e"), "EC": ("x", "y")}
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


class UnusableKey(ValueError):
    """A key that no token is checked with; the message says why, without the key."""


def jwk_key(entry: Mapping[str, object]) -> VerificationKey:
    """The public key that a JWK describes, with its one algorithm.

    Raises:
        UnusableKey: symmetric, private, weak, not for signatures, of a kind that jose does not know, or malformed.
    """
    _check_purpose(entry)
    algorithm, numbers = _algorithm(entry), _numbers(entry)
    if "n" in numbers and _bits(numbers["n"]) not in _RSA_BITS:
        raise UnusableKey("an RSA key that is too short or too long")
    try:
        return VerificationKey(_kid(entry), algorithm, make_key(numbers, algorithm))
    except NotAKey as reason:
        raise UnusableKey(str(reason)) from None


def _check_purpose(entry: Mapping[str, object]) -> None:
    if entry.get("kty") not in tuple(_NUMBERS):  # a tuple compares; a dict would have to hash what was sent
        raise UnusableKey("neither RSA nor EC")
    if not _PRIVATE.isdisjoint(entry):
        raise UnusableKey("a private key")
    operations = entry.get("key_ops", ["verify"])
    for_signatures = entry.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations
    if not for_signatures:
        raise UnusableKey("not for signatures")


def _algorithm(entry: Mapping[str, object]) -> str:
    possible = _possible_algorithms(entry)
    algorithm = entry.get("alg", possible[0] if possible else None)
    if not isinstance(algorithm, str) or algorithm not in possible:
        raise UnusableKey("an algorithm that does not go with the key")
    return algorithm


def _possible_algorithms(entry: Mapping[str, object]) -> tuple[str, ...]:
    if entry["kty"] == "RSA":
        return _RSA_ALGORITHMS
    curve = entry.get("crv")
    return (_CURVE_ALGORITHMS[curve],) if isinstance(curve, str) and curve in _CURVE_ALGORITHMS else ()


def _kid(entry: Mapping[str, object]) -> str | None:
    kid = entry.get("kid")
    if kid is not None and (not isinstance(kid, str) or len(kid) > MAX_KID_LENGTH):
        raise UnusableKey("a kid that is not a short string")
    return kid


def _numbers(entry: Mapping[str, object]) -> dict[str, str]:
    numbers = {"kty": str(entry["kty"]), "crv": str(entry.get("crv"))}
    for name in _NUMBERS[numbers["kty"]]:
        number = entry.get(name)
        # jose takes a JSON number here for a count of bytes to allocate.
        if not isinstance(number, str) or not _is_base64url(number):
            raise UnusableKey("a number that is not base64url")
        numbers[name] = number
    return numbers


def _is_base64url(text: str) -> bool:
    return _BASE64URL.fullmatch(text) is not None and len(text) % 4 != 1  # no number of bytes takes 4k + 1 characters


def _bits(number: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(number + "==")).bit_length()
