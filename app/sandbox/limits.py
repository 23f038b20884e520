"""Rolling rate limits, as strict as they can be: no stretch of a window's length has more calls than its limit."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from app.models.licensing.providers import ProviderName
from app.sandbox.peaks import DAY, MINUTE, SECOND

_MONTH = 30 * DAY


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `limit` calls in any `seconds`; of one kind, when `kind` names it."""

    name: str
    limit: int
    seconds: float
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """How a limit stands after a call: `reset_after` is in how many seconds the oldest call that it counts is out."""

    limit: Limit
    used: int
    reset_after: float

    @property
    def remaining(self) -> int:
        """Calls that are left now."""
        return max(0, self.limit.limit - self.used)


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a call may pass, and how every limit that counts it stands."""

    usages: tuple[Usage, ...]
    refused_by: Usage | None = None


# Sources: facts of each provider, see its wire format. HookSounds and the Internet Archive publish none.
PUBLISHED: dict[ProviderName, tuple[Limit, ...]] = {
    ProviderName.SOUNDSTRIPE: (Limit("second", 25, SECOND),),
    ProviderName.ARTLIST: (
        Limit("minute", 100, MINUTE),
        Limit("search", 50, MINUTE, "search"),
        Limit("download", 20, MINUTE, "download"),
    ),
    ProviderName.HOOKSOUNDS: (),
    ProviderName.OPENVERSE: (
        Limit("anon_burst", 20, MINUTE),
        Limit("anon_sustained", 200, DAY),
        Limit("oauth2_client_credentials_burst", 100, MINUTE),
        Limit("oauth2_client_credentials_sustained", 10_000, DAY),
    ),
    ProviderName.INTERNET_ARCHIVE: (),
    ProviderName.JAMENDO: (Limit("month", 35_000, _MONTH),),
}


class Limiter:
    """The limits of one provider. A refused call is not counted."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self.limits = tuple(limits)
        self._passed: dict[str, deque[float]] = {}

    def admit(self, limits: Sequence[Limit], now: float) -> Admission:
        """Let a call pass, or not; `limits` are those of ours that count it."""
        before = [self._usage(limit, now) for limit in limits]
        refusing = [one for one in before if one.remaining == 0]
        if refusing:
            return Admission(tuple(before), max(refusing, key=lambda one: one.reset_after))
        for limit in limits:
            self._passed[limit.name].append(now)
        return Admission(tuple(self._usage(limit, now) for limit in limits))

    def _usage(self, limit: Limit, now: float) -> Usage:
        passed = self._passed.setdefault(limit.name, deque())
        while passed and passed[0] <= now - limit.seconds:
            passed.popleft()
        return Usage(limit, len(passed), passed[0] + limit.seconds - now if passed else 0.0)
