"""What the settings make of a verifier."""

from typing import Any

import pytest

from app.config import Settings
from app.errors import Unauthorized, Unavailable
from app.services.identity.factory import build_verifier
from app.services.identity.verifier import JoseTokenVerifier, TokenVerifier
from tests.unit.identity.forging import SECRET, MovableClock, claims, hs_token, rs_token


def built(secret: str | None = SECRET.decode(), **settings: Any) -> JoseTokenVerifier:
    return build_verifier(Settings(_env_file=None, **settings), MovableClock(), secret)


async def believed(verifier: TokenVerifier, token: str) -> bool:
    try:
        await verifier.verify(token)
    except Unauthorized:
        return False
    return True


async def test_the_secret_means_hs256_unless_told_otherwise() -> None:
    verifier = built()
    assert await believed(verifier, hs_token(claims()))
    assert not await believed(verifier, hs_token(claims(), alg="HS512"))


async def test_the_algorithms_that_are_set() -> None:
    verifier = built(jwt_algorithms="HS384,HS512")
    assert await believed(verifier, hs_token(claims(), alg="HS384"))
    assert await believed(verifier, hs_token(claims(), alg="HS512"))
    assert not await believed(verifier, hs_token(claims()))


async def test_issuer_and_audience_are_asked_for() -> None:
    verifier = built(jwt_issuer="https://issuer.example", jwt_audience="playledger")
    good = claims(iss="https://issuer.example", aud=["playledger"])
    assert await believed(verifier, hs_token(good))
    for missing in ("iss", "aud"):
        assert not await believed(verifier, hs_token(good | {missing: "other"}))


NOWHERE = "http://127.0.0.1:1/jwks.json"


async def test_a_family_without_a_key_is_unused() -> None:
    verifier = built(None, jwt_jwks_url=NOWHERE, jwt_algorithms="HS256,RS256")
    assert not await believed(verifier, hs_token(claims()))
    with pytest.raises(Unavailable):
        await verifier.verify(rs_token(claims()))
    verifier = built(jwt_jwks_url=NOWHERE, jwt_algorithms="HS256")
    assert not await believed(verifier, rs_token(claims()))
    assert await believed(verifier, hs_token(claims()))


@pytest.mark.parametrize("algorithms", ["hs256", "none", "HS256,PS256", "EdDSA", "RS256,dir", "HS256X"])
def test_an_unknown_algorithm_stops_the_start(algorithms: str) -> None:
    with pytest.raises(ValueError, match=r"^JWT_ALGORITHMS: .* is not among HS256, "):
        built(jwt_algorithms=algorithms)


@pytest.mark.parametrize(
    ("secret", "settings"),
    [(None, {}), (SECRET.decode(), {"jwt_algorithms": "RS256"}), (None, {"jwt_algorithms": "HS256"})],
)
def test_nothing_to_verify_with_stops_the_start(secret: str | None, settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="No token could be verified"):
        built(secret, **settings)


@pytest.mark.parametrize("secret", ["", "short", "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEF\n"])
def test_an_unfit_secret_stops_the_start(secret: str) -> None:
    with pytest.raises(ValueError, match="The token secret") as caught:
        built(secret)
    assert "MIIB" not in str(caught.value)
