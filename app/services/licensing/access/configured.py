"""Refuses providers that cannot be asked, and says what an admin has to do."""

from app.models.licensing.providers import ProviderSetup
from app.services.licensing.errors import NotConfigured


def require_configured(setup: ProviderSetup) -> None:
    """Come back when the provider can be asked.

    Raises:
        NotConfigured: it is switched off, or lacks credentials.
    """
    if setup.is_configured:
        return
    title, missing = setup.policy.title, setup.missing_credentials
    if missing:
        raise NotConfigured(f"{title} is not configured: an admin has to set {' and '.join(missing)}")
    raise NotConfigured(f"{title} is switched off: an admin has to enable it")
