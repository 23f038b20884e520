"""What goes wrong with providers, beyond the errors that every wing has."""

from datetime import timedelta

from app.errors import Conflict, UpstreamFailed
from app.models.licensing.providers import ProviderName


class ProviderFailed(UpstreamFailed):
    """A provider did not give what was asked: an error, nonsense, too much, or nothing.

    The message is a sentence for a person, holds no credential, and nothing that the provider wrote.
    `is_open` is whether its breaker kept the call from being made at all; `retry_after` is what the provider asked for.
    """

    def __init__(
        self,
        provider: ProviderName,
        message: str,
        *,
        status: int | None = None,
        is_open: bool = False,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.status = status
        self.is_open = is_open
        self.retry_after = retry_after


class NotSupported(Conflict):
    """A provider has no such thing, or its terms do not allow it."""


class NotConfigured(Conflict):
    """A provider that is switched off, or whose credentials nobody has set; the message says what to do."""
