"""How quotas stand and how calls went, as admins see them."""

from collections.abc import Sequence
from typing import Self

from app.models.licensing.provider_calls import CallCounts, CallFault, Percentiles, ProviderReport
from app.models.licensing.providers import ProviderName
from app.models.licensing.quotas import ProviderQuota, WindowStanding
from app.models.wire.base import CamelModel, Moment


class WindowUsage(CamelModel):
    """Calls in the last minute, hour and day, those under way included."""

    per_minute: int
    per_hour: int
    per_day: int


class WindowLimits(CamelModel):
    """Calls in any minute, hour and day; null is without a limit."""

    per_minute: int | None
    per_hour: int | None
    per_day: int | None


class ExtraWindow(CamelModel):
    """A quota of the provider's own, of `seconds`; `path` is the kind of calls that it counts, null all."""

    name: str
    seconds: float
    path: str | None
    usage: int
    remaining: int | None
    limit: int | None

    @classmethod
    def of(cls, standing: WindowStanding) -> Self:
        """Show a window."""
        window = standing.window
        return cls(
            name=window.name,
            seconds=window.length.total_seconds(),
            path=window.path,
            usage=standing.usage,
            remaining=standing.remaining,
            limit=window.limit,
        )


class RateLimitStanding(CamelModel):
    """How one provider's quotas stand in all processes.

    `nextSlotAt` is null while a call is free; nobody calls before `blockedUntil`, because the provider said so.
    """

    provider: ProviderName
    usage: WindowUsage
    remaining: WindowLimits
    limits: WindowLimits
    windows: list[ExtraWindow]
    next_slot_at: Moment | None
    blocked_until: Moment | None

    @classmethod
    def of(cls, quota: ProviderQuota) -> Self:
        """Show quotas."""
        standing = quota.standing
        minute, hour, day, *extra = standing.windows
        free_at = standing.free_at()
        return cls(
            provider=quota.provider,
            usage=WindowUsage(per_minute=minute.usage, per_hour=hour.usage, per_day=day.usage),
            remaining=WindowLimits(per_minute=minute.remaining, per_hour=hour.remaining, per_day=day.remaining),
            limits=WindowLimits(per_minute=minute.window.limit, per_hour=hour.window.limit, per_day=day.window.limit),
            windows=[ExtraWindow.of(one) for one in extra],
            next_slot_at=free_at if free_at > standing.as_of else None,
            blocked_until=standing.blocked_until if standing.is_blocked else None,
        )


class RateLimitList(CamelModel):
    """The quotas of all providers."""

    rate_limits: list[RateLimitStanding]

    @classmethod
    def of(cls, quotas: Sequence[ProviderQuota]) -> Self:
        """Show all."""
        return cls(rate_limits=[RateLimitStanding.of(quota) for quota in quotas])


class LatencyShown(CamelModel):
    """Percentiles in milliseconds, within 5 %."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, latency: Percentiles) -> Self:
        """Show percentiles, to a tenth."""
        return cls(p50=round(latency.p50, 1), p95=round(latency.p95, 1), p99=round(latency.p99, 1))


class CallsShown(CamelModel):
    """How calls went; `errorRate` in percent, `latencyMs` null without a call."""

    calls: int
    errors: dict[CallFault, int]
    error_rate: float
    latency_ms: LatencyShown | None
    last_error_at: Moment | None

    @classmethod
    def of(cls, counts: CallCounts) -> Self:
        """Show counts."""
        latency = counts.latency
        return cls(
            calls=counts.calls,
            errors=counts.faults,
            error_rate=counts.error_rate,
            latency_ms=LatencyShown.of(latency) if latency else None,
            last_error_at=counts.last_error_at,
        )


class ProviderCallsShown(CallsShown):
    """How the calls to one provider went, in all and by kind of call."""

    provider: ProviderName
    kinds: dict[str, CallsShown]

    @classmethod
    def of_report(cls, report: ProviderReport) -> Self:
        """Show one."""
        kinds = {kind: CallsShown.of(counts) for kind, counts in report.kinds.items()}
        return cls(provider=report.provider, kinds=kinds, **dict(CallsShown.of(report.total)))


class ProviderCallsList(CamelModel):
    """How the calls to all providers went."""

    providers: list[ProviderCallsShown]

    @classmethod
    def of(cls, reports: Sequence[ProviderReport]) -> Self:
        """Show all."""
        return cls(providers=[ProviderCallsShown.of_report(report) for report in reports])
