"""Which secret tokens are signed with, if any."""

from app.config import Settings
from app.services.identity.development_secret import development_secret


def token_secret(settings: Settings) -> str | None:
    """`JWT_SECRET`; in development, when there is no JWKS either, one that is made once; else none."""
    if settings.jwt_secret is not None:
        return settings.jwt_secret.get_secret_value()
    if settings.jwt_jwks_url is not None or settings.is_production:
        return None
    return development_secret(settings.data_dir)
