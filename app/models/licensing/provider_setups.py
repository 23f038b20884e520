"""How providers are set up: what is stored over their defaults, what an admin changes, and what is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.models.licensing.breakers import Breaker
from app.models.licensing.licences import LicenceTerms
from app.models.licensing.providers import CacheKind, ProviderSetup


@dataclass(frozen=True, slots=True)
class ProviderChange:
    """What an admin changes; what is left out stays as it is.

    An empty `base_url` is the provider's own. `credentials` are in the clear, `None` removes one. `rate_limit` has the
    names `perMinute`, `perHour` and `perDay`; `None` is no limit of ours.
    """

    enabled: bool | None = None
    base_url: str | None = None
    credentials: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    rate_limit: Mapping[str, int | None] = field(default_factory=dict)
    cache_ttl: Mapping[CacheKind, timedelta] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredSetup:
    """What was ever set for a provider; `credentials` are sealed."""

    enabled: bool | None = None
    base_url: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    rate_limit: Mapping[str, int | None] = field(default_factory=dict)
    cache_ttl: Mapping[CacheKind, timedelta] = field(default_factory=dict)
    version: int = 0
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProviderShown:
    """A provider as an admin sees it: without its credentials, of which only the names are told."""

    setup: ProviderSetup
    breaker: Breaker
    terms: LicenceTerms | None

    @property
    def credentials_set(self) -> tuple[str, ...]:
        """The names of the credentials that are set, and can be read."""
        policy = self.setup.policy
        names = (*policy.required_credentials, *policy.optional_credentials)
        return tuple(name for name in names if self.setup.credentials.get(name))
