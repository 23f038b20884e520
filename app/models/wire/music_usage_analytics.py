"""What recorded uses add up to, and how they stand to the licences in force, as it is shown to admins."""

from typing import Self

from pydantic import Field

from app.models.licensing.compliance import Compliance, EndingTerms, InvalidUse, Share
from app.models.licensing.providers import ProviderName
from app.models.licensing.usage_analytics import TopTrack, UsageAnalytics, UsageInPeriod
from app.models.wire.base import CamelModel, Moment
from app.models.wire.music_licenses import UsageShown


class UsageInPeriodShown(CamelModel):
    """A period with uses, named `2024-01-05`, `2024-W01` or `2024-01`."""

    name: str = Field(serialization_alias="_id", alias_priority=2)
    total_usage: int
    unique_tracks: int

    @classmethod
    def of(cls, period: UsageInPeriod) -> Self:
        """Show a period."""
        return cls(name=period.name, total_usage=period.total_usage, unique_tracks=period.unique_tracks)


class TopTrackShown(CamelModel):
    """A track and its uses."""

    provider: ProviderName
    track_id: str
    title: str
    artist: str | None
    total_usage: int

    @classmethod
    def of(cls, track: TopTrack) -> Self:
        """Show a track."""
        return cls(
            provider=track.provider,
            track_id=track.track_id,
            title=track.title,
            artist=track.artist,
            total_usage=track.total_usage,
        )


class CountShown(CamelModel):
    """How many uses were of a genre or mood."""

    name: str = Field(serialization_alias="_id", alias_priority=2)
    count: int


class UsageAnalyticsShown(CamelModel):
    """All uses of a stretch of time."""

    usage_over_time: list[UsageInPeriodShown]
    top_tracks: list[TopTrackShown]
    genre_distribution: list[CountShown]
    mood_distribution: list[CountShown]

    @classmethod
    def of(cls, found: UsageAnalytics) -> Self:
        """Show an answer."""
        return cls(
            usage_over_time=[UsageInPeriodShown.of(period) for period in found.over_time],
            top_tracks=[TopTrackShown.of(track) for track in found.top_tracks],
            genre_distribution=[CountShown(name=name, count=count) for name, count in found.genres],
            mood_distribution=[CountShown(name=name, count=count) for name, count in found.moods],
        )


class EndingTermsShown(CamelModel):
    """Terms whose licence ends within `warning` days (30, 7 or 1; 0: it has ended), and how many uses rest on them."""

    provider: ProviderName
    tenant_id: str | None
    version: int
    type: str
    expires_at: Moment | None
    days_left: int
    warning: int
    uses: int

    @classmethod
    def of(cls, ending: EndingTerms) -> Self:
        """Show terms that end."""
        made = ending.terms
        return cls(
            provider=made.provider,
            tenant_id=made.tenant_id,
            version=made.version,
            type=made.terms.type,
            expires_at=made.terms.expires_at,
            days_left=ending.days_left,
            warning=ending.warning,
            uses=ending.uses,
        )


class InvalidUseShown(CamelModel):
    """A recorded use that is not licensed now, and why."""

    use: UsageShown
    reasons: list[str]

    @classmethod
    def of(cls, invalid: InvalidUse) -> Self:
        """Show a use."""
        return cls(use=UsageShown.of(invalid.usage), reasons=list(invalid.reasons))


class InvalidUsesShown(CamelModel):
    """How many recorded uses are not licensed now, and the latest hundred of them."""

    count: int
    items: list[InvalidUseShown]


class ProviderComplianceShown(CamelModel):
    """The share of a provider's uses that are licensed now, in percent."""

    provider: ProviderName
    total_uses: int
    valid_uses: int
    compliance_rate: float | None

    @classmethod
    def of(cls, provider: ProviderName, share: Share) -> Self:
        """Show a provider."""
        return cls(provider=provider, total_uses=share.total, valid_uses=share.valid, compliance_rate=share.rate)


class ComplianceShown(CamelModel):
    """The share of all recorded uses that are licensed now, in percent; null over no uses."""

    total_uses: int
    valid_uses: int
    compliance_rate: float | None
    expiring_soon: list[EndingTermsShown]
    expired: list[EndingTermsShown]
    invalid_uses: InvalidUsesShown
    by_provider: list[ProviderComplianceShown]
    checked_at: Moment

    @classmethod
    def of(cls, found: Compliance) -> Self:
        """Show a report."""
        items = [InvalidUseShown.of(one) for one in found.invalid]
        return cls(
            total_uses=found.all.total,
            valid_uses=found.all.valid,
            compliance_rate=found.all.rate,
            expiring_soon=[EndingTermsShown.of(one) for one in found.expiring],
            expired=[EndingTermsShown.of(one) for one in found.expired],
            invalid_uses=InvalidUsesShown(count=found.all.total - found.all.valid, items=items),
            by_provider=[ProviderComplianceShown.of(name, share) for name, share in found.by_provider],
            checked_at=found.at,
        )
