"""Named types for what an endpoint needs: its signature tells who may call and what it works with.

All are `async`, also where nothing is awaited: FastAPI runs a plain function in a thread, and three of those cost a
request more than everything else it does (525 µs of CPU became 330).
"""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase

from app.container import Container
from app.errors import Forbidden, Unauthorized
from app.models.identity import Identity
from app.routers.rate_limits import spend
from app.services.copyright_free.catalogue import CatalogueService
from app.services.copyright_free.reactions import ReactionService
from app.services.copyright_free.reconciliation import ReconciliationService
from app.services.copyright_free.views import ViewService
from app.services.jobs import JobService
from app.services.privacy import PrivacyService
from app.services.stats.analytics import AnalyticsService
from app.services.stats.artists import ArtistService
from app.services.stats.backfills import BackfillService
from app.services.stats.dashboard import DashboardService
from app.services.stats.live_listeners import LiveListenerService
from app.services.stats.oversight import OversightService
from app.services.stats.own_statistics import OwnStatisticsService
from app.services.stats.playlists import PlaylistService
from app.services.stats.reconciliation import StatsReconciliationService
from app.services.stats.timeseries import TimeSeriesService
from app.services.stats.tracks import TrackService

BEARER = HTTPBearerModel(bearerFormat="JWT", description="A JWT with `exp` and `sub`.")


async def _container(request: Request) -> Container:
    container: Container = request.app.state.container
    return container


House = Annotated[Container, Depends(_container)]


async def _guest(request: Request) -> Identity | None:
    """Who is asking, if anybody says so.

    Something that is no bearer token is refused: taking the caller for anonymous would hide the mistake from them.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    house = await _container(request)
    return await house.verifier.verify(token)


class TokenBearer(SecurityBase):
    """Anyone with a token."""

    def __init__(self) -> None:
        self.model = BEARER
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Identity:
        """The bearer of the token, or `Unauthorized`."""
        guest = await _guest(request)
        if guest is None:
            raise Unauthorized
        return guest


_token = TokenBearer()


class ViewerToken(SecurityBase):
    """Anyone with a token who has not used up `VIEW_RATE_LIMIT`.

    One dependency for both: FastAPI solves a tree anew for each branch of it, and this is the hottest route.
    """

    def __init__(self) -> None:
        self.model = BEARER
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Identity:
        """The bearer of the token, counted against the limit, or `Unauthorized`, or `RateLimitExceeded`."""
        caller = await _token(request)
        house = await _container(request)
        await spend(house.limiter, house.view_limit, "view", caller.user_id, request)
        return caller


async def _admin(caller: Annotated[Identity, Security(_token)]) -> Identity:
    if not caller.is_admin:
        raise Forbidden("Only an admin may do this")
    return caller


Guest = Annotated[Identity | None, Depends(_guest)]
"""Anyone; who sends a token must send a good one."""

Caller = Annotated[Identity, Security(_token)]
"""Anyone with a token."""

ViewCaller = Annotated[Identity, Security(ViewerToken())]
"""Anyone with a token; 429 when the caller has used up `VIEW_RATE_LIMIT`."""

AdminCaller = Annotated[Identity, Depends(_admin)]
"""An admin."""


async def _views(request: Request) -> ViewService:
    return (await _container(request)).copyright_free.views


async def _likes(house: House) -> ReactionService:
    return house.copyright_free.likes


async def _bookmarks(house: House) -> ReactionService:
    return house.copyright_free.bookmarks


async def _catalogue(house: House) -> CatalogueService:
    return house.copyright_free.catalogue


async def _jobs(request: Request) -> JobService:
    jobs: JobService = request.app.state.jobs
    return jobs


async def _reconciliation(house: House) -> ReconciliationService:
    return house.copyright_free.reconciliation


async def _privacy(house: House) -> PrivacyService:
    return house.privacy


async def _analytics(house: House) -> AnalyticsService:
    return house.stats.analytics


async def _time_series(house: House) -> TimeSeriesService:
    return house.stats.time_series


async def _dashboards(house: House) -> DashboardService:
    return house.stats.dashboards


async def _own_statistics(house: House) -> OwnStatisticsService:
    return house.stats.own_statistics


async def _oversight(house: House) -> OversightService:
    return house.stats.oversight


async def _artists(house: House) -> ArtistService:
    return house.stats.artists


async def _tracks(house: House) -> TrackService:
    return house.stats.tracks


async def _playlists(house: House) -> PlaylistService:
    return house.stats.playlists


async def _live_listeners(house: House) -> LiveListenerService:
    return house.stats.live_listeners


async def _rollups(house: House) -> BackfillService:
    return house.stats.backfills


async def _stats_reconciliation(house: House) -> StatsReconciliationService:
    return house.stats.reconciliation


Jobs = Annotated[JobService, Depends(_jobs)]
Reconciliation = Annotated[ReconciliationService, Depends(_reconciliation)]
Rollups = Annotated[BackfillService, Depends(_rollups)]
StatsReconciliation = Annotated[StatsReconciliationService, Depends(_stats_reconciliation)]
Views = Annotated[ViewService, Depends(_views)]
Likes = Annotated[ReactionService, Depends(_likes)]
Bookmarks = Annotated[ReactionService, Depends(_bookmarks)]
Catalogue = Annotated[CatalogueService, Depends(_catalogue)]
Analytics = Annotated[AnalyticsService, Depends(_analytics)]
TimeSeries = Annotated[TimeSeriesService, Depends(_time_series)]
Dashboards = Annotated[DashboardService, Depends(_dashboards)]
OwnStatistics = Annotated[OwnStatisticsService, Depends(_own_statistics)]
Oversight = Annotated[OversightService, Depends(_oversight)]
Artists = Annotated[ArtistService, Depends(_artists)]
Tracks = Annotated[TrackService, Depends(_tracks)]
Playlists = Annotated[PlaylistService, Depends(_playlists)]
LiveListeners = Annotated[LiveListenerService, Depends(_live_listeners)]
Privacy = Annotated[PrivacyService, Depends(_privacy)]
