"""`playledger token`: tokens for development."""

from datetime import timedelta
from typing import Annotated

import typer

from app.cli.terminal import fail, read_settings
from app.clock import SystemClock
from app.config import Settings
from app.models.identity import Role
from app.services.identity.algorithms import secret_algorithms
from app.services.identity.minting import mint_token
from app.services.identity.secrets import token_secret


def mint(
    user: Annotated[str, typer.Argument(help="The user id, which becomes the token's `sub`.")] = "demo-listener",
    role: Annotated[list[Role] | None, typer.Option(help="A role; may be given several times.")] = None,
    tenant: Annotated[list[str] | None, typer.Option(help="A tenant id; may be given several times.")] = None,
    hours: Annotated[float, typer.Option(min=0.001, max=24 * 365, help="How long it is valid.")] = 24.0,
) -> None:
    """Print a token signed with JWT_SECRET, or with the secret generated for development."""
    settings = read_settings()
    if settings.is_production:
        fail("Tokens are minted in development only; in production they come from your identity provider")
    typer.echo(development_token(settings, user, tuple(role or ()), tuple(tenant or ()), timedelta(hours=hours)))


def development_token(
    settings: Settings, user: str, roles: tuple[Role, ...], tenants: tuple[str, ...], lifetime: timedelta
) -> str:
    """A token that this service will accept."""
    secret = token_secret(settings)
    if secret is None:
        fail("Tokens come from the issuer of JWT_JWKS_URL; set JWT_SECRET to mint some for development")
    try:
        return mint_token(
            secret,
            user_id=user,
            clock=SystemClock(),
            lifetime=lifetime,
            roles=roles,
            tenants=tenants,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
            algorithm=_algorithm(settings),
        )
    except ValueError as error:
        fail(str(error))


def _algorithm(settings: Settings) -> str:
    allowed = secret_algorithms(settings.jwt_algorithms)
    if not allowed:
        fail("JWT_ALGORITHMS allows no algorithm for a shared secret; add HS256 to mint tokens for development")
    return allowed[0]
