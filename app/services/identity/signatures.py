"""The one file that calls python-jose: its keys, made once, and its two acts, signing and checking."""

from collections.abc import Callable, Mapping

from jose import jwk, jws
from jose.backends.base import Key

# jose has no types.
_construct: Callable[[bytes | dict[str, str], str], Key] = jwk.construct
_sign: Callable[..., str] = jws.sign
_verify: Callable[..., bytes] = jws.verify


class NotAKey(ValueError):
    """What was given does not make a key; the message has nothing of it."""


def make_key(material: bytes | Mapping[str, str], algorithm: str) -> Key:
    """A secret's bytes, or the public numbers of a JWK, as a key for `algorithm`.

    Raises:
        NotAKey: whatever jose and the libraries below it raise, which is more than jose's own errors.
    """
    try:
        return _construct(material if isinstance(material, bytes) else dict(material), algorithm)
    except Exception as error:  # noqa: BLE001 - see above
        raise NotAKey(f"not a key: {type(error).__name__}") from None


def sign(claims: Mapping[str, object], key: Key, algorithm: str, typ: str = "JWT") -> str:
    """A token in the compact form; `typ` is what its header calls it."""
    return _sign(dict(claims), key, headers={"typ": typ}, algorithm=algorithm)


def signed_payload(token: str, key: Key, algorithm: str) -> bytes | None:
    """The payload of a token that `key` signed with `algorithm`; None for any other.

    The algorithm goes to jose in a list: in a string it would look for a part of the string, and with None for nothing.
    """
    try:
        return _verify(token, key, algorithms=[algorithm])
    except Exception:  # noqa: BLE001 - JWKError is no JWTError, and AttributeError and TypeError come through too
        return None
