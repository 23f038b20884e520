"""Which failures of a provider a sync waits out, and which end it."""

from datetime import timedelta

from app.errors import DomainError, NotFound, QuotaExceeded
from app.services.licensing.errors import NotConfigured, NotSupported, ProviderFailed

_LATER = frozenset({408, 425, 429})
_REFUSALS = range(400, 500)


class Outage(Exception):
    """The provider cannot give it now, and may later; `retry_after` is when it says so itself."""

    def __init__(self, message: str, retry_after: timedelta = timedelta(0)) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class Hopeless(Exception):
    """It will not work until somebody changes something."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def judged(error: DomainError) -> Outage | Hopeless | None:
    """What a failed call means for the whole job; `None` when it is not about the provider.

    A provider that refuses us (401, 403, any other 4xx) does so again; one that is down, slow or talks nonsense may
    get better.
    """
    if isinstance(error, QuotaExceeded):
        return Outage(error.message, error.retry_after)
    if isinstance(error, ProviderFailed):
        if error.status in _REFUSALS and error.status not in _LATER:
            return Hopeless(error.message)
        return Outage(error.message, error.retry_after or timedelta(0))
    if isinstance(error, NotConfigured | NotSupported | NotFound):
        return Hopeless(error.message)
    return None


def is_about_all(error: DomainError) -> bool:
    """Whether a call for a single track failed for what any other track would fail for as well."""
    if isinstance(error, ProviderFailed):
        return error.is_open or isinstance(judged(error), Hopeless)
    return True
