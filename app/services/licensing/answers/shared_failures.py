"""Failures of a call, as they are told to those in other processes who have waited for it."""

from datetime import timedelta

from app.errors import QuotaExceeded
from app.models.licensing.cache import SharedFailure
from app.models.licensing.providers import ProviderName
from app.services.licensing.errors import ProviderFailed

_SOON = timedelta(seconds=1)


def to_shared(error: BaseException) -> SharedFailure | None:
    """What the others are told; `None` when they should rather try themselves."""
    if isinstance(error, QuotaExceeded):
        return SharedFailure(error.message, is_quota=True, retry_after=error.retry_after)
    if isinstance(error, ProviderFailed):
        return SharedFailure(error.message, status=error.status, is_open=error.is_open, retry_after=error.retry_after)
    return None


def to_error(failure: SharedFailure, provider: ProviderName) -> QuotaExceeded | ProviderFailed:
    """As it was raised where the call was made."""
    if failure.is_quota:
        return QuotaExceeded(failure.message, failure.retry_after or _SOON)
    return ProviderFailed(
        provider,
        failure.message,
        status=failure.status,
        is_open=failure.is_open,
        retry_after=failure.retry_after,
    )
