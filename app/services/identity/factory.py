"""Puts a verifier together from the settings."""

from app.clock import Clock
from app.config import Settings
from app.services.identity.algorithms import public_key_algorithms, secret_algorithms
from app.services.identity.jwks import JwksKeys
from app.services.identity.jwks_http import HttpJwks
from app.services.identity.keys import CombinedKeys, KeySource, SecretKeys
from app.services.identity.verifier import JoseTokenVerifier


def build_verifier(settings: Settings, clock: Clock, secret: str | None) -> JoseTokenVerifier:
    """The verifier for `JWT_JWKS_URL` and `secret`, which is `JWT_SECRET` or the one made for development.

    Needs no network and no running loop; close it with `aclose`. An algorithm that no configured key serves is unused.

    Raises:
        ValueError: the secret is unfit, an algorithm is unknown, or nothing is left to verify with.
    """
    keys = _sources(
        _secret_keys(secret, secret_algorithms(settings.jwt_algorithms)),
        _published_keys(settings.jwt_jwks_url, clock, public_key_algorithms(settings.jwt_algorithms)),
    )
    return JoseTokenVerifier(keys, clock, settings.jwt_issuer, settings.jwt_audience)


def _secret_keys(secret: str | None, algorithms: tuple[str, ...]) -> SecretKeys | None:
    return SecretKeys(secret.encode(), algorithms) if secret is not None and algorithms else None


def _published_keys(url: str | None, clock: Clock, algorithms: tuple[str, ...]) -> JwksKeys | None:
    return JwksKeys(HttpJwks(url), clock, algorithms) if url is not None and algorithms else None


def _sources(secret: KeySource | None, published: KeySource | None) -> KeySource:
    if secret is not None and published is not None:
        return CombinedKeys(secret, published)
    keys = secret or published
    if keys is None:
        raise ValueError("No token could be verified: set JWT_SECRET or JWT_JWKS_URL, and JWT_ALGORITHMS to match")
    return keys
