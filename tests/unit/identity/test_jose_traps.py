"""One test for each thing that python-jose 3.5.0 lets through, or trips over, and that must not reach us."""

import base64

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jose import jws, jwt
from jose.exceptions import JWKError, JWTClaimsError, JWTError

from app.errors import Unauthorized
from app.services.identity.jwks import JwksKeys
from app.services.identity.keys import SecretKeys, VerificationKey, secret_key
from app.services.identity.signatures import signed_payload
from app.services.identity.verifier import JoseTokenVerifier
from tests.unit.identity.forging import (
    RSA_KEY,
    SECRET,
    FixedKeys,
    MovableClock,
    b64,
    b64_json,
    claims,
    ec_jwk,
    hs_token,
    jwks,
    rs_token,
    rsa_jwk,
    secret_verifier,
    sign_parts,
)

TIMELESS = {"verify_exp": False}  # jose asks the machine for the time
PUBLIC_KEY = RSA_KEY.public_key()
PEM = PUBLIC_KEY.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PKCS1_PEM = PUBLIC_KEY.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
DER = PUBLIC_KEY.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PKCS1_DER = PUBLIC_KEY.public_bytes(Encoding.DER, PublicFormat.PKCS1)


async def refused(token: object, verifier: JoseTokenVerifier | None = None) -> None:
    with pytest.raises(Unauthorized) as caught:
        await (verifier or secret_verifier()).verify(token)  # type: ignore[arg-type]
    assert caught.value.message == "Authentication required"
    assert caught.value.__context__ is None


def rsa_verifier() -> JoseTokenVerifier:
    return published_verifier(rsa_jwk(kid="r"))


def published_verifier(*entries: object) -> JoseTokenVerifier:
    async def fetch() -> bytes:
        return jwks(*entries)

    return JoseTokenVerifier(JwksKeys(fetch, MovableClock(), ("RS256", "ES256")), MovableClock())


async def test_the_algorithm_is_the_keys_not_the_tokens() -> None:
    token = hs_token(claims(), alg="HS384")
    assert jws.verify(token, SECRET, algorithms=None)  # jose checks nothing without a list
    await refused(token)
    await refused(token, JoseTokenVerifier(FixedKeys(secret_key(SECRET)), MovableClock()))


def test_one_algorithm_is_passed_as_a_list_not_as_a_text_to_search_in() -> None:
    key = secret_key(SECRET)
    token = hs_token(claims())
    assert jws.verify(token, SECRET, algorithms="XHS256X")
    assert signed_payload(token, key.key, "XHS256X") is None
    assert signed_payload(token, key.key, "HS256")


async def test_a_token_without_exp() -> None:
    token = hs_token(claims(exp=...))
    assert jwt.decode(token, SECRET, algorithms=["HS256"])
    await refused(token)


async def test_a_token_without_aud_when_one_is_asked_for() -> None:
    token = hs_token(claims())
    assert jwt.decode(token, SECRET, algorithms=["HS256"], audience="playledger", options=TIMELESS)
    await refused(token, secret_verifier(audience="playledger"))


async def test_a_token_without_iss_when_one_is_asked_for() -> None:
    await refused(hs_token(claims()), secret_verifier(issuer="https://issuer.example"))


@pytest.mark.parametrize("secret", [b"", b"x" * 31])
def test_an_empty_or_short_secret(secret: bytes) -> None:
    assert jws.verify(hs_token(claims(), secret), secret, algorithms=["HS256"])
    with pytest.raises(ValueError, match="at least 32 bytes"):
        SecretKeys(secret)


@pytest.mark.parametrize("name", ["crit", "jku", "jwk", "x5u", "x5c"])
@pytest.mark.parametrize("value", [["exp"], "https://evil.example/keys", {"kty": "oct"}, None, []])
async def test_a_header_that_brings_an_extension_or_a_key(name: str, value: object) -> None:
    token = hs_token(claims(), **{name: value})
    assert jws.verify(token, SECRET, algorithms=["HS256"])
    await refused(token)


async def test_a_fractional_exp_is_fine() -> None:
    identity = await secret_verifier().verify(hs_token(claims(exp=1_800_000_000.5)))
    assert identity.expires_at.timestamp() == 1_800_000_000.5


async def test_a_numeric_sub_is_fine() -> None:
    token = hs_token(claims(sub=42))
    with pytest.raises(JWTClaimsError, match="Subject"):
        jwt.decode(token, SECRET, algorithms=["HS256"], options=TIMELESS)
    assert (await secret_verifier().verify(token)).user_id == "42"


@pytest.mark.parametrize("token", [None, b"a.b.c", 7, 1.5, [], {}, object()])
async def test_something_that_is_no_text(token: object) -> None:
    with pytest.raises((AttributeError, TypeError, JWTError)):
        jwt.decode(token, SECRET, algorithms=["HS256"])
    await refused(token)


async def test_the_key_is_the_one_that_the_token_names() -> None:
    document = {"keys": [ec_jwk(kid="e"), rsa_jwk(kid="r")]}
    token = rs_token(claims(), kid="s")
    assert jws.verify(token, {"keys": [rsa_jwk(kid="r")]}, algorithms=["RS256"])  # jose tries every key
    await refused(token, published_verifier(*document["keys"]))
    await refused(rs_token(claims(), kid="e"), published_verifier(*document["keys"]))
    assert await published_verifier(*document["keys"]).verify(rs_token(claims(), kid="r"))


async def test_a_token_without_a_kid_among_several_keys() -> None:
    await refused(rs_token(claims()), published_verifier(rsa_jwk(kid="r"), ec_jwk(kid="e")))
    assert await rsa_verifier().verify(rs_token(claims()))


async def test_a_jwks_with_another_kind_of_key_beside() -> None:
    entries = [ec_jwk(kid="e"), rsa_jwk(kid="r")]
    with pytest.raises(JWKError):  # which is no JWTError
        jwt.decode(rs_token(claims()), {"keys": entries}, algorithms=["RS256"])
    assert await published_verifier(*entries).verify(rs_token(claims(), kid="r"))


@pytest.mark.parametrize("public", [PEM, PKCS1_PEM, DER, PKCS1_DER], ids=["pem", "pkcs1-pem", "der", "pkcs1-der"])
@pytest.mark.parametrize("header", [{}, {"kid": "r"}], ids=["nameless", "named"])
async def test_a_public_key_taken_for_a_secret(public: bytes, header: dict[str, object]) -> None:
    await refused(hs_token(claims(), public, **header), rsa_verifier())


def test_that_jose_takes_a_der_key_for_a_secret() -> None:
    assert jws.verify(hs_token(claims(), DER), DER, algorithms=["HS256", "RS256"])


async def test_a_key_source_that_answers_with_a_key_of_another_algorithm() -> None:
    rsa = VerificationKey("r", "RS256", secret_key(SECRET).key)  # the key would fit, were it not for its algorithm
    await refused(hs_token(claims(), kid="r"), JoseTokenVerifier(FixedKeys(rsa), MovableClock()))


NONES = [a + b + c + d for a in "nN" for b in "oO" for c in "nN" for d in "eE"]


@pytest.mark.parametrize("alg", [*NONES, "", " none", "hs256", "HS256 ", "HS1", "dir", "A128KW", "RSA-OAEP"])
async def test_no_algorithm_by_any_name(alg: str) -> None:
    header = b64_json({"alg": alg})
    unsigned = f"{header}.{b64_json(claims())}."
    for verifier in (secret_verifier(), rsa_verifier()):
        await refused(unsigned, verifier)
        await refused(unsigned + b64(b"anything"), verifier)
        await refused(sign_parts(header, b64_json(claims())), verifier)


@pytest.mark.parametrize("alg", [None, 256, ["HS256"], {"HS256": 1}, True])
async def test_an_algorithm_that_is_no_text(alg: object) -> None:
    await refused(sign_parts(b64_json({"alg": alg}), b64_json(claims())))


async def test_junk_between_the_letters_of_a_signature() -> None:
    token = hs_token(claims())
    loose = f"{token[:-4]}!*{token[-4:]}"
    assert jws.verify(loose, SECRET, algorithms=["HS256"])  # jose drops what is not base64
    await refused(loose)


def test_base64_of_a_key_is_refused_like_the_key() -> None:
    for secret in (DER, PEM, base64.b64encode(DER), base64.b64encode(PKCS1_DER), base64.encodebytes(DER)):
        with pytest.raises(ValueError, match="is a key or a certificate"):
            SecretKeys(secret)
