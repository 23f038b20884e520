"""Named types for what an endpoint of the licensing wing needs, beside those of `dependencies`."""

from typing import Annotated

from fastapi import Depends, Header, Path

from app.errors import Forbidden, NotFound
from app.models.licensing.providers import ProviderName
from app.routers.dependencies import Caller, House
from app.services.licensing.access.call_statistics import CallStatistics
from app.services.licensing.access.provider_administration import ProviderAdministration
from app.services.licensing.access.quotas import QuotaService
from app.services.licensing.answers.cache import AnswerCache
from app.services.licensing.downloads.service import DownloadService
from app.services.licensing.experiments.service import ExperimentService
from app.services.licensing.finding.search import SearchService
from app.services.licensing.finding.track_lookup import TrackLookup
from app.services.licensing.library.favorites import FavoriteService
from app.services.licensing.library.playlists import MusicPlaylistService
from app.services.licensing.library.recommendations import RecommendationService
from app.services.licensing.library.similar import SimilarService
from app.services.licensing.licences.compliance import ComplianceService
from app.services.licensing.licences.expiry import LicenseCheckService
from app.services.licensing.licences.terms import LicenseTermsService
from app.services.licensing.licences.usage import UsageService
from app.services.licensing.licences.usage_analytics import UsageAnalyticsService
from app.services.licensing.licences.validity import LicenseService
from app.services.licensing.sync.service import SyncService
from app.services.licensing.webhooks.inbox import WebhookInbox
from app.services.licensing.webhooks.subscriptions import WebhookSubscriptionService

LONGEST_TRACK_ID = 512

_PROVIDERS = {name.value: name for name in ProviderName}


async def _provider(
    provider: Annotated[str, Path(description="A provider's name.", json_schema_extra={"enum": list(_PROVIDERS)})],
) -> ProviderName:
    return provider_named(provider)


def provider_named(text: str) -> ProviderName:
    """The provider of this name.

    Raises:
        NotFound: there is none.
    """
    name = _PROVIDERS.get(text)
    if name is None:
        raise NotFound("Provider not found")
    return name


async def _track_id(
    track_id: Annotated[
        str,
        Path(alias="trackId", description="The provider's own id of the track; may hold slashes.", examples=["1001"]),
    ],
) -> str:
    if not track_id or len(track_id) > LONGEST_TRACK_ID or not track_id.isprintable():
        raise NotFound("Track not found")
    return track_id


async def _search(house: House) -> SearchService:
    return house.licensing.search


async def _track_lookup(house: House) -> TrackLookup:
    return house.licensing.track_lookup


async def _answers(house: House) -> AnswerCache:
    return house.licensing.answers


async def _provider_admin(house: House) -> ProviderAdministration:
    return house.licensing.provider_administration


async def _quota_reports(house: House) -> QuotaService:
    return house.licensing.quotas


async def _call_reports(house: House) -> CallStatistics:
    return house.licensing.call_statistics


async def _tenant(
    caller: Caller,
    tenant_id: Annotated[
        str | None,
        Header(
            alias="X-Tenant-Id",
            min_length=1,
            max_length=256,
            description="One of the token's tenants, whose terms go before everybody's.",
        ),
    ] = None,
) -> str | None:
    if tenant_id is not None and tenant_id not in caller.tenants:
        raise Forbidden("This token is not of this tenant")
    return tenant_id


async def _licenses(house: House) -> LicenseService:
    return house.licensing.licenses


async def _license_terms(house: House) -> LicenseTermsService:
    return house.licensing.license_terms


async def _music_usages(house: House) -> UsageService:
    return house.licensing.usages


async def _music_compliance(house: House) -> ComplianceService:
    return house.licensing.compliance


async def _music_usage_analytics(house: House) -> UsageAnalyticsService:
    return house.licensing.usage_analytics


async def _license_checks(house: House) -> LicenseCheckService:
    return house.licensing.license_checks


async def _favorites(house: House) -> FavoriteService:
    return house.licensing.favorites


async def _music_playlists(house: House) -> MusicPlaylistService:
    return house.licensing.playlists


async def _similar(house: House) -> SimilarService:
    return house.licensing.similar


async def _recommendations(house: House) -> RecommendationService:
    return house.licensing.recommendations


async def _webhooks_in(house: House) -> WebhookInbox:
    return house.licensing.webhook_inbox


async def _webhook_subscriptions(house: House) -> WebhookSubscriptionService:
    return house.licensing.webhook_subscriptions


async def _downloads(house: House) -> DownloadService:
    return house.licensing.downloads


async def _experiments(house: House) -> ExperimentService:
    return house.licensing.experiments


async def _syncs(house: House) -> SyncService:
    return house.licensing.syncs


OfProvider = Annotated[ProviderName, Depends(_provider)]
"""The `{provider}` of the address; 404 for any other name."""

OfTrack = Annotated[str, Depends(_track_id)]
"""The `{trackId:path}` of the address; 404 for what cannot be an id."""

Search = Annotated[SearchService, Depends(_search)]
TrackLookups = Annotated[TrackLookup, Depends(_track_lookup)]
Answers = Annotated[AnswerCache, Depends(_answers)]
ProviderAdmin = Annotated[ProviderAdministration, Depends(_provider_admin)]
QuotaReports = Annotated[QuotaService, Depends(_quota_reports)]
CallReports = Annotated[CallStatistics, Depends(_call_reports)]

OfTenant = Annotated[str | None, Depends(_tenant)]
"""The tenant that the caller acts for, if any; 403 for one that is not the token's."""

Licenses = Annotated[LicenseService, Depends(_licenses)]
LicenseTermsOf = Annotated[LicenseTermsService, Depends(_license_terms)]
MusicUsages = Annotated[UsageService, Depends(_music_usages)]
MusicCompliance = Annotated[ComplianceService, Depends(_music_compliance)]
MusicUsageAnalytics = Annotated[UsageAnalyticsService, Depends(_music_usage_analytics)]
LicenseChecks = Annotated[LicenseCheckService, Depends(_license_checks)]
Favorites = Annotated[FavoriteService, Depends(_favorites)]
MusicPlaylists = Annotated[MusicPlaylistService, Depends(_music_playlists)]
Similar = Annotated[SimilarService, Depends(_similar)]
Recommendations = Annotated[RecommendationService, Depends(_recommendations)]
Syncs = Annotated[SyncService, Depends(_syncs)]
WebhooksIn = Annotated[WebhookInbox, Depends(_webhooks_in)]
WebhookSubscriptions = Annotated[WebhookSubscriptionService, Depends(_webhook_subscriptions)]
Downloads = Annotated[DownloadService, Depends(_downloads)]
Experiments = Annotated[ExperimentService, Depends(_experiments)]
