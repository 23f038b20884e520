"""Which keys are taken, from a secret or from one entry of a JWKS."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from app.services.identity.jwk import UnusableKey, jwk_key
from app.services.identity.key_material import looks_like_key_material
from app.services.identity.key_ring import MAX_DOCUMENT_BYTES, KeyRing
from app.services.identity.keys import CombinedKeys, SecretKeys, secret_key
from tests.unit.identity.forging import (
    EC_KEY,
    NOW,
    OTHER_RSA_KEY,
    RSA_KEY,
    SECRET,
    FixedKeys,
    b64,
    ec_jwk,
    jwks,
    number,
    rsa_jwk,
)

ALGORITHMS = ("RS256", "RS512", "ES256")


def certificate() -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer.example")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, EC_KEY.public_key(), 1, start, start + timedelta(days=1))
    return builder.sign(EC_KEY, hashes.SHA256())


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_secret_serves_one_algorithm(algorithm: str) -> None:
    key = secret_key(b"x" * 32, algorithm)
    assert (key.kid, key.algorithm) == (None, algorithm)


@pytest.mark.parametrize("algorithm", ["RS256", "none", "hs256", ""])
def test_a_secret_serves_no_other_algorithm(algorithm: str) -> None:
    with pytest.raises(ValueError, match="does not work with a secret"):
        secret_key(SECRET, algorithm)


KEYS_OF_ALL_KINDS = {
    "pkcs8": RSA_KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    "pkcs8-pem": RSA_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    "pkcs1-private": RSA_KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    "sealed": RSA_KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")),
    "ec-private": EC_KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    "ec-public": EC_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "ed25519": ed25519.Ed25519PrivateKey.generate()
    .public_key()
    .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "ssh": RSA_KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
    "ssh-ec": EC_KEY.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
    "certificate": certificate().public_bytes(Encoding.DER),
    "certificate-pem": certificate().public_bytes(Encoding.PEM),
    "jwk": json.dumps(rsa_jwk()).encode(),
    "indented-pem": b"  \n  -----BEGIN PUBLIC KEY-----\nMIIB",
}


@pytest.mark.parametrize("kind", KEYS_OF_ALL_KINDS)
def test_a_key_is_no_secret(kind: str) -> None:
    with pytest.raises(ValueError, match="is a key or a certificate"):
        secret_key(KEYS_OF_ALL_KINDS[kind])


@given(st.binary(min_size=32, max_size=64))
def test_a_random_secret_is_no_key(secret: bytes) -> None:
    assert not looks_like_key_material(secret)
    assert not looks_like_key_material(b64(secret).encode())


@pytest.mark.parametrize(("crv", "algorithm"), [("P-256", "ES256"), ("P-384", "ES384"), ("P-521", "ES512")])
def test_the_curve_decides_the_algorithm(crv: str, algorithm: str) -> None:
    curve = {"P-256": ec.SECP256R1, "P-384": ec.SECP384R1, "P-521": ec.SECP521R1}[crv]
    entry = ec_jwk(ec.generate_private_key(curve()), crv, kid="k")
    assert jwk_key(entry).algorithm == algorithm
    assert jwk_key({**entry, "alg": algorithm, "use": "sig", "key_ops": ["verify"]}).kid == "k"


@pytest.mark.parametrize(
    ("alg", "algorithm"), [({}, "RS256"), ({"alg": "RS256"}, "RS256"), ({"alg": "RS512"}, "RS512")]
)
def test_the_algorithm_of_an_rsa_key(alg: dict[str, str], algorithm: str) -> None:
    assert jwk_key(rsa_jwk(**alg)).algorithm == algorithm


WEAK = rsa.generate_private_key(65537, 1024)
NUMBERS = RSA_KEY.private_numbers()
REFUSED = {
    "symmetric": {"kty": "oct", "k": b64(SECRET)},
    "symmetric-rsa": rsa_jwk(k=b64(SECRET)),
    "private": rsa_jwk(d=b64(number(NUMBERS.d))),
    "private-ec": ec_jwk(d=b64(b"1" * 32)),
    "for-encryption": rsa_jwk(use="enc"),
    "use-null": rsa_jwk(use=None),
    "ops": rsa_jwk(key_ops=["encrypt"]),
    "ops-text": rsa_jwk(key_ops="verify"),
    "weak": rsa_jwk(WEAK),
    "huge": {"kty": "RSA", "n": b64(b"\xff" * 2000), "e": "AQAB"},
    "exponent-1": rsa_jwk() | {"e": "AQ"},
    "exponent-even": rsa_jwk() | {"e": "Ag"},
    "n-number": rsa_jwk() | {"n": 10**10},
    "n-missing": {"kty": "RSA", "e": "AQAB"},
    "n-null": rsa_jwk() | {"n": None},
    "n-odd-length": rsa_jwk() | {"n": "A" * 345},
    "n-standard-base64": rsa_jwk() | {"n": "+/" * 171},
    "e-list": rsa_jwk() | {"e": ["AQAB"]},
    "off-the-curve": ec_jwk() | {"x": b64(b"1" * 32)},
    "curve": ec_jwk(crv="secp256k1"),
    "curve-list": ec_jwk() | {"crv": ["P-256"]},
    "no-curve": {name: value for name, value in ec_jwk().items() if name != "crv"},
    "rsa-with-hs": rsa_jwk(alg="HS256"),
    "rsa-with-es": rsa_jwk(alg="ES256"),
    "rsa-with-pss": rsa_jwk(alg="PS256"),
    "rsa-for-wrapping": rsa_jwk(alg="RSA-OAEP"),
    "ec-with-another": ec_jwk(alg="ES384"),
    "alg-null": rsa_jwk(alg=None),
    "alg-list": rsa_jwk(alg=["RS256"]),
    "none": rsa_jwk(alg="none"),
    "edwards": {"kty": "OKP", "crv": "Ed25519", "x": b64(b"1" * 32)},
    "kty-list": {"kty": ["RSA"]},
    "kid-number": rsa_jwk(kid=7),
    "kid-long": rsa_jwk(kid="k" * 257),
    "empty": {},
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_jwk_that_is_not_used(kind: str) -> None:
    with pytest.raises(UnusableKey):
        jwk_key(REFUSED[kind])


def test_what_cannot_be_used_is_skipped() -> None:
    ring = KeyRing.parse(jwks(*REFUSED.values(), None, 7, [], "x", rsa_jwk(kid="r")), ALGORITHMS, NOW)
    assert list(ring.named) == ["r"]
    assert ring.find(None) is ring.find("r")


def test_a_key_of_an_algorithm_that_is_not_allowed_is_skipped() -> None:
    ring = KeyRing.parse(jwks(rsa_jwk(kid="a", alg="RS384"), ec_jwk(kid="b")), ALGORITHMS, NOW)
    assert list(ring.named) == ["b"]


def test_the_first_of_two_keys_with_one_name_stays() -> None:
    ring = KeyRing.parse(jwks(rsa_jwk(kid="r"), rsa_jwk(OTHER_RSA_KEY, kid="r", alg="RS512")), ALGORITHMS, NOW)
    key = ring.find("r")
    assert key is not None
    assert key.algorithm == "RS256"
    assert ring.find(None) is None


def test_a_hundred_entries_are_read_and_no_more() -> None:
    entries = [ec_jwk(kid=str(position)) for position in range(101)]
    ring = KeyRing.parse(jwks(*entries), ALGORITHMS, NOW)
    assert ring.find("99") is not None
    assert ring.find("100") is None


DOCUMENTS = [b"", b"{}", b"[]", b"null", b'{"keys": {}}', b'{"keys": null}', b"\xff", b"[" * 200_000, b"<html>"]


@pytest.mark.parametrize("document", [*DOCUMENTS, jwks(rsa_jwk()) + b" " * MAX_DOCUMENT_BYTES])
def test_what_is_no_jwks(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        KeyRing.parse(document, ALGORITHMS, NOW)


json_values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)
FIELDS = ["kty", "n", "e", "x", "y", "crv", "alg", "use", "kid", "key_ops"]


@given(st.dictionaries(st.sampled_from(FIELDS), json_values), st.sampled_from([rsa_jwk(kid="r"), ec_jwk(kid="e"), {}]))
def test_no_entry_breaks_the_ring(changes: dict[str, object], entry: dict[str, object]) -> None:
    ring = KeyRing.parse(jwks(entry | changes, ec_jwk(kid="good")), ALGORITHMS, NOW)
    assert "good" in ring.named


async def test_combined_sources_are_asked_for_their_own_kind_only() -> None:
    key = secret_key(SECRET)
    secret, published = FixedKeys(key), FixedKeys(None)
    keys = CombinedKeys(secret, published)
    assert await keys.find("k", "HS256") is key
    assert await keys.find("k", "RS256") is None
    assert await keys.find("k", "none") is None
    assert secret.asked == [("k", "HS256")]
    assert published.asked == [("k", "RS256"), ("k", "none")]
    await keys.aclose()


async def test_a_secret_is_found_for_its_algorithms_only() -> None:
    keys = SecretKeys(SECRET, ("HS256", "HS512"))
    found = await keys.find(None, "HS512")
    assert found is not None
    assert found.algorithm == "HS512"
    assert await keys.find(None, "HS384") is None
    await keys.aclose()
