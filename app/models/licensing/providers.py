"""Music providers: their names, what each can do, and how each is set up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class ProviderName(StrEnum):
    """The providers that can be asked, in the order in which their results are shown."""

    SOUNDSTRIPE = "soundstripe"
    ARTLIST = "artlist"
    HOOKSOUNDS = "hooksounds"
    OPENVERSE = "openverse"
    INTERNET_ARCHIVE = "internet_archive"
    JAMENDO = "jamendo"


WEBHOOK_SECRET = "webhookSecret"  # noqa: S105 - the name of a credential, not one
"""The credential that webhooks of a provider are signed with."""


class CacheKind(StrEnum):
    """What is kept of a provider's answers, each for a time of its own."""

    SEARCH = "search"
    TRACK = "track"
    LICENSE = "license"


@dataclass(frozen=True, slots=True)
class QuotaWindow:
    """At most `limit` calls in any stretch of `length`.

    `path` narrows it to calls of one kind (Artlist counts searches and downloads apart); `None` counts all.
    """

    name: str
    length: timedelta
    limit: int
    path: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What an admin may set: calls a minute, an hour and a day; `None` is no limit of ours."""

    per_minute: int | None
    per_hour: int | None
    per_day: int | None

    def windows(self) -> tuple[QuotaWindow, ...]:
        """The windows that these are, shortest first; named `perMinute`, `perHour`, `perDay`."""
        lengths = (
            ("perMinute", timedelta(minutes=1), self.per_minute),
            ("perHour", timedelta(hours=1), self.per_hour),
            ("perDay", timedelta(days=1), self.per_day),
        )
        return tuple(QuotaWindow(name, length, limit) for name, length, limit in lengths if limit is not None)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider offers and allows; what it does not is refused, never guessed."""

    can_search: bool = True
    can_walk: bool = False
    """Its terms allow a copy of its catalogue, and it has a list to walk."""
    can_download: bool = False
    may_cache_metadata: bool = True
    """Its terms allow its answers to be kept; otherwise nothing of them is stored, not even for a moment."""
    licence_is_per_track: bool = False
    """The licence is a fact of each track; otherwise it is a contract of whoever runs this."""


@dataclass(frozen=True, slots=True)
class ProviderPolicy:
    """What is fixed for a provider, with the sources in its adapter's file."""

    name: ProviderName
    title: str
    base_url: str
    capabilities: Capabilities
    required_credentials: tuple[str, ...]
    optional_credentials: tuple[str, ...]
    rate_limit: RateLimit
    extra_windows: tuple[QuotaWindow, ...] = ()
    search_page_size: int = 20
    """Tracks in one upstream page of a search."""


@dataclass(frozen=True, slots=True)
class CacheTtl:
    """How long answers are fresh."""

    search: timedelta = timedelta(hours=1)
    track: timedelta = timedelta(hours=2)
    license: timedelta = timedelta(hours=24)

    def of(self, kind: CacheKind) -> timedelta:
        """The time of one kind."""
        return {CacheKind.SEARCH: self.search, CacheKind.TRACK: self.track, CacheKind.LICENSE: self.license}[kind]


@dataclass(frozen=True, slots=True)
class ProviderSetup:
    """A provider as it is set up at this moment: what an admin has set over its policy's defaults.

    `credentials` are in the clear and never leave the services; they are not shown by `repr`.
    """

    policy: ProviderPolicy
    enabled: bool
    base_url: str
    credentials: Mapping[str, str] = field(repr=False)
    rate_limit: RateLimit = field(default=RateLimit(None, None, None))
    cache_ttl: CacheTtl = field(default_factory=CacheTtl)
    version: int = 0
    updated_at: datetime | None = None

    @property
    def name(self) -> ProviderName:
        """Which provider."""
        return self.policy.name

    @property
    def missing_credentials(self) -> tuple[str, ...]:
        """The required ones that nobody has set."""
        return tuple(name for name in self.policy.required_credentials if not self.credentials.get(name))

    @property
    def is_configured(self) -> bool:
        """Whether it can be asked: enabled, and with all that it requires."""
        return self.enabled and not self.missing_credentials

    @property
    def windows(self) -> tuple[QuotaWindow, ...]:
        """Every quota that a call must keep."""
        return (*self.policy.extra_windows, *self.rate_limit.windows())
