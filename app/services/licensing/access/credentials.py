"""Seals what providers have given us, so that it never lies in the database in the clear."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from functools import cached_property
from os import urandom

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.config import Settings
from app.errors import Conflict
from app.services.identity.development_secret import development_secret

log = structlog.get_logger(__name__)

DEVELOPMENT_FILE = "provider-secrets-key"
NO_KEY = (
    "Credentials cannot be stored: PROVIDER_SECRETS_KEY is not set. Set it to 32 random bytes in URL-safe base64, "
    "the same for all processes"
)

_KEY_BYTES = 32
_END_OF_LABEL = "\0"


class CredentialVault:
    """Seals with the newest key, and opens with all of them.

    What is sealed says what it is for: moved to another field it does not open.
    """

    def __init__(self, keys: Callable[[], Sequence[str]]) -> None:
        """`keys` are asked for when the first secret is sealed or opened; the newest first, possibly none."""
        self._keys = keys
        self._reported: set[str] = set()

    def seal(self, label: str, secret: str) -> str:
        """The secret for `label`, as it may be stored.

        Raises:
            Conflict: there is no key; the sentence says what to set.
        """
        return self.require_key().encrypt(f"{label}{_END_OF_LABEL}{secret}".encode()).decode()

    def require_key(self) -> MultiFernet:
        """Come back when there is a key to seal with.

        Raises:
            Conflict: there is none; the sentence says what to set.
        """
        if self._fernet is None:
            raise Conflict(NO_KEY)
        return self._fernet

    def open(self, label: str, sealed: str) -> str | None:
        """The secret; `None` when it does not open, which is logged once."""
        try:
            text = self._fernet.decrypt(sealed).decode() if self._fernet is not None else ""
        except (InvalidToken, ValueError):
            text = ""
        written_for, _, secret = text.partition(_END_OF_LABEL)
        if written_for == label:
            return secret
        if label not in self._reported:
            self._reported.add(label)
            log.warning("credential_does_not_open", credential=label)
        return None

    def is_newest(self, sealed: str) -> bool:
        """Whether it opens with the newest key alone."""
        try:
            self._newest.decrypt(sealed)
        except (InvalidToken, IndexError):
            return False
        return True

    @cached_property
    def _all(self) -> Sequence[Fernet]:
        return [Fernet(key) for key in self._keys()]

    @cached_property
    def _fernet(self) -> MultiFernet | None:
        return MultiFernet(self._all) if self._all else None

    @property
    def _newest(self) -> Fernet:
        return self._all[0]


def provider_secrets_keys(settings: Settings) -> Sequence[str]:
    """`PROVIDER_SECRETS_KEY`, the newest first; in development one that is made once; else none.

    Raises:
        ValueError: the file of the development key holds none.
        OSError: it cannot be written or read.
    """
    if settings.provider_secrets_key is not None:
        return [key.strip() for key in settings.provider_secrets_key.get_secret_value().split(",")]
    if settings.is_production:
        return []
    return [development_secret(settings.data_dir, DEVELOPMENT_FILE, _new_key)]


def _new_key() -> str:
    return urlsafe_b64encode(urandom(_KEY_BYTES)).decode()
