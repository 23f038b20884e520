"""Tokens, keys and documents as an issuer, or somebody who would like to be one, makes them; without jose."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from app.models.identity import Identity
from app.services.identity.keys import SecretKeys, VerificationKey
from app.services.identity.verifier import JoseTokenVerifier

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECRET = b"a secret of the tests, 32 bytes or more"
IN_AN_HOUR = int(NOW.timestamp()) + 3600

_HMAC = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}

RSA_KEY = rsa.generate_private_key(65537, 2048)
OTHER_RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


class MovableClock:
    def __init__(self, now: datetime = NOW) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)


class FixedKeys:
    """Whatever is asked for, it gives this one key."""

    def __init__(self, key: VerificationKey | None) -> None:
        self.key = key
        self.asked: list[tuple[str | None, str]] = []

    async def find(self, kid: str | None, algorithm: str) -> VerificationKey | None:
        self.asked.append((kid, algorithm))
        return self.key

    async def aclose(self) -> None:
        pass


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64_json(value: object) -> str:
    return b64(json.dumps(value).encode())


def hs_token(claims: object, secret: bytes = SECRET, alg: str = "HS256", **header: object) -> str:
    """`claims` may be raw bytes, for payloads that are no JSON."""
    payload = b64(claims) if isinstance(claims, bytes) else b64_json(claims)
    return sign_parts(b64_json({"alg": alg, "typ": "JWT", **header}), payload, secret, alg)


def sign_parts(header: str, payload: str, secret: bytes = SECRET, alg: str = "HS256") -> str:
    signature = hmac.new(secret, f"{header}.{payload}".encode(), _HMAC.get(alg, hashlib.sha256)).digest()
    return f"{header}.{payload}.{b64(signature)}"


def rs_token(claims: object, key: rsa.RSAPrivateKey = RSA_KEY, alg: str = "RS256", **header: object) -> str:
    signing_input = f"{b64_json({'alg': alg, **header})}.{b64_json(claims)}"
    signature = key.sign(signing_input.encode(), padding.PKCS1v15(), _HASHES[alg[2:]]())
    return f"{signing_input}.{b64(signature)}"


def es_token(claims: object, key: ec.EllipticCurvePrivateKey = EC_KEY, alg: str = "ES256", **header: object) -> str:
    signing_input = f"{b64_json({'alg': alg, **header})}.{b64_json(claims)}"
    r, s = decode_dss_signature(key.sign(signing_input.encode(), ec.ECDSA(_HASHES[alg[2:]]())))
    size = (key.curve.key_size + 7) // 8
    return f"{signing_input}.{b64(r.to_bytes(size) + s.to_bytes(size))}"


def rsa_jwk(key: rsa.RSAPrivateKey = RSA_KEY, **fields: object) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "n": b64(number(numbers.n)), "e": b64(number(numbers.e)), **fields}


def ec_jwk(key: ec.EllipticCurvePrivateKey = EC_KEY, crv: str = "P-256", **fields: object) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    size = (key.curve.key_size + 7) // 8
    return {"kty": "EC", "crv": crv, "x": b64(numbers.x.to_bytes(size)), "y": b64(numbers.y.to_bytes(size)), **fields}


def number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8)


def jwks(*entries: object) -> bytes:
    return json.dumps({"keys": entries}).encode()


def claims(**changes: object) -> dict[str, object]:
    """Good claims, with changes; `...` takes a claim away."""
    all_claims = {"sub": "user-1", "exp": IN_AN_HOUR, **changes}
    return {name: value for name, value in all_claims.items() if value is not ...}


def secret_verifier(clock: MovableClock | None = None, **expected: str) -> JoseTokenVerifier:
    return JoseTokenVerifier(SecretKeys(SECRET), clock or MovableClock(), **expected)


async def identity_of(changes: Mapping[str, object]) -> Identity:
    return await secret_verifier().verify(hs_token(claims(**changes)))
