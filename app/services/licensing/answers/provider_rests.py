"""Which providers are left alone for a moment, where an older answer will do, because they would only refuse."""

from datetime import datetime, timedelta

from app.clock import Clock
from app.errors import QuotaExceeded
from app.models.licensing.providers import CacheKind, ProviderName, ProviderSetup
from app.services.licensing.errors import ProviderFailed

# An open breaker lets a call through when its pause is over; a call a second finds out soon enough.
_WHILE_OPEN = timedelta(seconds=1)
_LONGEST = timedelta(seconds=10)


class ProviderRests:
    """Kept by kind, as some quotas are, and by the version of the set-up: a new one is tried at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[tuple[ProviderName, CacheKind], tuple[int, datetime]] = {}

    def now(self, setup: ProviderSetup, kind: CacheKind) -> bool:
        """Whether it rests."""
        rest = self._until.get((setup.name, kind))
        return rest is not None and rest[0] == setup.version and self._clock.now() < rest[1]

    def note(self, setup: ProviderSetup, kind: CacheKind, error: ProviderFailed | QuotaExceeded) -> None:
        """Let it rest when it says so, or when its breaker or its quota does; another failure says nothing."""
        rest = error.retry_after
        if isinstance(error, ProviderFailed) and error.is_open:
            rest = _WHILE_OPEN
        if rest is not None:
            self._until[setup.name, kind] = (setup.version, self._clock.now() + min(rest, _LONGEST))
