"""The credentials that the sandbox accepts; they open nothing else."""

import secrets
import time
from collections.abc import Mapping

from app.models.licensing.providers import ProviderName

ACCEPTED: Mapping[ProviderName, Mapping[str, str]] = {
    ProviderName.SOUNDSTRIPE: {"apiKey": "sandbox-soundstripe-key"},
    ProviderName.ARTLIST: {"clientId": "sandbox-artlist-client", "clientSecret": "sandbox-artlist-secret"},
    ProviderName.HOOKSOUNDS: {"key": "sandbox-hooksounds-key", "token": "sandbox-hooksounds-token"},
    ProviderName.OPENVERSE: {"clientId": "sandbox-openverse-client", "clientSecret": "sandbox-openverse-secret"},
    ProviderName.INTERNET_ARCHIVE: {},
    ProviderName.JAMENDO: {"clientId": "sandbox-jamendo-client"},
}
_MOST_TOKENS = 1_000


class CredentialBook:
    """The credentials of one provider, and the access tokens that were issued for them."""

    def __init__(self, provider: ProviderName) -> None:
        self._accepted = ACCEPTED[provider]
        self._issued: dict[str, float] = {}
        self.are_expired = False

    def accept(self, **given: str | None) -> bool:
        """Whether these are right and still valid; named as an admin names them."""
        return not self.are_expired and all(
            self._accepted.get(name) is not None and self._accepted[name] == value for name, value in given.items()
        )

    def issue(self, seconds: float) -> str:
        """A new access token that ends after so many seconds."""
        if len(self._issued) >= _MOST_TOKENS:
            self._issued.pop(next(iter(self._issued)))
        token = secrets.token_urlsafe(24)
        self._issued[token] = time.monotonic() + seconds
        return token

    def is_open_to(self, token: str) -> bool:
        """Whether a token was issued here, and has not ended."""
        return not self.are_expired and self._issued.get(token, 0.0) > time.monotonic()

    def expire(self) -> None:
        """From now on nothing is accepted."""
        self.are_expired = True

    def restore(self) -> None:
        """The credentials are accepted again; tokens of before are not."""
        self.are_expired = False
        self._issued.clear()
