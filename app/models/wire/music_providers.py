"""Music providers as admins see and change them."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import ConfigDict, Field, WithJsonSchema

from app.models.licensing.breakers import Breaker, BreakerState
from app.models.licensing.provider_setups import ProviderChange, ProviderShown
from app.models.licensing.providers import CacheKind, CacheTtl, Capabilities, ProviderName, RateLimit
from app.models.wire.base import CamelModel, Moment, Whole
from app.models.wire.music_license_terms import LicenseTermsBody, LicenseTermsShown

_MOST_CALLS = 10_000_000
_LONGEST_TTL_SECONDS = 30 * 24 * 3600

# `Whole` would describe itself as a number from 0 on.
Calls = Annotated[
    Whole,
    Field(ge=1, le=_MOST_CALLS),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": _MOST_CALLS}),
]
Seconds = Annotated[
    Whole,
    Field(ge=1, le=_LONGEST_TTL_SECONDS),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": _LONGEST_TTL_SECONDS}),
]
CredentialName = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z]+$")]
Secret = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[!-~]+$", examples=["a-key-of-yours"])]
"""Visible ASCII: a header or a query can carry it, and a line break that was pasted along is noticed."""

_WINDOWS = {
    "requests_per_minute": "perMinute",
    "requests_per_hour": "perHour",
    "requests_per_day": "perDay",
}


class RateLimitBody(CamelModel):
    """Calls to the provider that are made at most; null is no limit of ours."""

    model_config = ConfigDict(extra="forbid")

    requests_per_minute: Calls | None = None
    requests_per_hour: Calls | None = None
    requests_per_day: Calls | None = None


class CacheTtlBody(CamelModel):
    """How long answers are fresh, in seconds."""

    model_config = ConfigDict(extra="forbid")

    search: Seconds = 1
    track: Seconds = 1
    license: Seconds = 1


class ProviderChangeBody(CamelModel):
    """What changes; fields that are left out stay as they are, those inside of `rateLimit` and `cacheTtl`, too.

    A `baseUrl` of null is the provider's own, a credential of null is removed. `licenseTerms` are a new version of
    the terms of everybody, and are sent whole.
    """

    model_config = ConfigDict(extra="forbid")

    enabled: bool = True
    base_url: Annotated[str, Field(min_length=1, max_length=2048)] | None = None
    credentials: dict[CredentialName, Secret | None] = Field(default_factory=dict, max_length=16, repr=False)
    rate_limit: RateLimitBody = RateLimitBody()
    cache_ttl: CacheTtlBody = CacheTtlBody()
    license_terms: LicenseTermsBody = LicenseTermsBody()

    def to_change(self) -> ProviderChange:
        """What was sent of the set-up."""
        sent = self.model_fields_set
        limits, ttl = self.rate_limit.model_dump(exclude_unset=True), self.cache_ttl.model_dump(exclude_unset=True)
        return ProviderChange(
            enabled=self.enabled if "enabled" in sent else None,
            base_url=self.base_url or "" if "base_url" in sent else None,
            credentials=self.credentials,
            rate_limit={_WINDOWS[name]: calls for name, calls in limits.items()},
            cache_ttl={CacheKind(kind): timedelta(seconds=seconds) for kind, seconds in ttl.items()},
        )

    @property
    def sent_terms(self) -> LicenseTermsBody | None:
        """The terms, if any were sent."""
        return self.license_terms if "license_terms" in self.model_fields_set else None


class RateLimitShown(CamelModel):
    """Calls to the provider that are made at most; null is no limit of ours."""

    requests_per_minute: int | None
    requests_per_hour: int | None
    requests_per_day: int | None

    @classmethod
    def of(cls, limit: RateLimit) -> Self:
        """Show limits."""
        return cls(
            requests_per_minute=limit.per_minute,
            requests_per_hour=limit.per_hour,
            requests_per_day=limit.per_day,
        )


class CacheTtlShown(CamelModel):
    """How long answers are fresh, in seconds."""

    search: int
    track: int
    license: int

    @classmethod
    def of(cls, ttl: CacheTtl) -> Self:
        """Show times."""
        return cls(**{kind.value: int(ttl.of(kind).total_seconds()) for kind in CacheKind})


class CapabilitiesShown(CamelModel):
    """What the provider offers and allows."""

    can_search: bool
    can_walk: bool
    can_download: bool
    may_cache_metadata: bool
    license_is_per_track: bool

    @classmethod
    def of(cls, capabilities: Capabilities) -> Self:
        """Show capabilities."""
        return cls(
            can_search=capabilities.can_search,
            can_walk=capabilities.can_walk,
            can_download=capabilities.can_download,
            may_cache_metadata=capabilities.may_cache_metadata,
            license_is_per_track=capabilities.licence_is_per_track,
        )


class BreakerShown(CamelModel):
    """Whether the process that answers calls the provider; `opensUntil` is when it tries again."""

    state: BreakerState
    opens_until: Moment | None

    @classmethod
    def of(cls, breaker: Breaker) -> Self:
        """Show a breaker."""
        return cls(state=breaker.state, opens_until=breaker.opens_until)


class MusicProviderShown(CamelModel):
    """A provider without its credentials: only the names of those that are set are told."""

    provider: ProviderName
    title: str
    enabled: bool
    configured: bool
    missing_credentials: list[str]
    base_url: str
    credentials_set: list[str]
    rate_limit: RateLimitShown
    cache_ttl: CacheTtlShown
    license_terms: LicenseTermsShown | None
    capabilities: CapabilitiesShown
    breaker: BreakerShown
    updated_at: Moment | None
    version: int

    @classmethod
    def of(cls, shown: ProviderShown) -> Self:
        """Show a provider."""
        setup = shown.setup
        return cls(
            provider=setup.name,
            title=setup.policy.title,
            enabled=setup.enabled,
            configured=setup.is_configured,
            missing_credentials=list(setup.missing_credentials),
            base_url=setup.base_url,
            credentials_set=list(shown.credentials_set),
            rate_limit=RateLimitShown.of(setup.rate_limit),
            cache_ttl=CacheTtlShown.of(setup.cache_ttl),
            license_terms=None if shown.terms is None else LicenseTermsShown.of(shown.terms),
            capabilities=CapabilitiesShown.of(setup.policy.capabilities),
            breaker=BreakerShown.of(shown.breaker),
            updated_at=setup.updated_at,
            version=setup.version,
        )


class MusicProviderList(CamelModel):
    """All providers; there is no second page."""

    items: list[MusicProviderShown]
    next_cursor: None = None
