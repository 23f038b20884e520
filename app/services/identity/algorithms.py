"""Which signing algorithms are believed, by the kind of key that serves them."""

from collections.abc import Collection, Sequence

SECRET_ALGORITHMS = ("HS256", "HS384", "HS512")
PUBLIC_KEY_ALGORITHMS = ("RS256", "RS384", "RS512", "ES256", "ES384", "ES512")


def secret_algorithms(names: Sequence[str]) -> tuple[str, ...]:
    """The algorithms of `JWT_ALGORITHMS` that a shared secret serves; HS256 when the setting is empty.

    Raises:
        ValueError: a name is unknown; names are case-sensitive (RFC 7515, section 4.1.1).
    """
    return _allowed(names or ("HS256",), SECRET_ALGORITHMS)


def public_key_algorithms(names: Sequence[str]) -> tuple[str, ...]:
    """The algorithms of `JWT_ALGORITHMS` that a JWKS serves; RS256 and ES256 when the setting is empty.

    Raises:
        ValueError: a name is unknown.
    """
    return _allowed(names or ("RS256", "ES256"), PUBLIC_KEY_ALGORITHMS)


def _allowed(names: Sequence[str], family: Collection[str]) -> tuple[str, ...]:
    known = (*SECRET_ALGORITHMS, *PUBLIC_KEY_ALGORITHMS)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"JWT_ALGORITHMS: {', '.join(unknown)} is not among {', '.join(known)}")
    return tuple(name for name in names if name in family)
