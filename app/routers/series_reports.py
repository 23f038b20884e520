"""`/api/series/views/heartbeat` and `…/complete`: what players report of the views that they have begun."""

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Request, Security
from fastapi.security.base import SecurityBase

from app.container import Container
from app.models.episodes.watching import PlaybackClaim
from app.models.wire.episodes_watching import CompleteBody, Done, HeartbeatBody
from app.routers.bodies import JsonBody
from app.routers.dependencies import BEARER
from app.routers.documentation import errors
from app.routers.rate_limits import spend
from app.routers.routing import DirectRoute
from app.routers.series_parts import TAG
from app.routers.slashes import SlashesRouter
from app.routers.tenants import FOR_TENANT, TenantToken
from app.services.episodes.watching import WatchingService

Body = TypeVar("Body", HeartbeatBody, CompleteBody)

router = SlashesRouter(prefix="/api/series/views", tags=[TAG], route_class=DirectRoute)

_tenant = TenantToken()


@dataclass(frozen=True)  # without slots: in Python 3.11 a frozen generic with slots cannot be made as Said[X](...)
class Said(Generic[Body]):
    """A report, the claim that allows it, and who takes it."""

    body: Body
    claim: PlaybackClaim
    watching: WatchingService


class ReportOf(SecurityBase, Generic[Body]):
    """A report of a member about a view of theirs: read after the caller is known, checked, and limited."""

    def __init__(self, model: type[Body], *, limited: bool) -> None:
        self.model = BEARER
        self.scheme_name = "bearer"
        self.body: JsonBody[Body] = JsonBody(model)
        self._limited = limited

    async def __call__(self, request: Request) -> Said[Body]:
        """The report; see `TenantToken`, `JsonBody`, `WatchingService.identify` and `spend` for what is raised.

        The limit is counted by the verified token, so that nobody uses up another view's.
        """
        member = await _tenant(request)
        body = await self.body(request)
        house: Container = request.app.state.container
        watching = house.episodes.watching
        claim = await watching.identify(member.tenant, member.user_id, body.playback_token)
        if self._limited:
            await spend(house.limiter, house.episodes.heartbeat_limit, "heartbeat", claim.key, request)
        return Said(body, claim, watching)


_beat = ReportOf(HeartbeatBody, limited=True)
_completion = ReportOf(CompleteBody, limited=False)


@router.post(
    "/heartbeat",
    summary="Report seconds watched",
    responses=errors(400, 401, 403, 404, 409, 413, 429),
    openapi_extra=_beat.body.documentation | FOR_TENANT,
)
async def heartbeat(said: Annotated[Said[HeartbeatBody], Security(_beat)]) -> Done:
    """Add seconds to a view: at most 120, and at most twice the time since the last report and 5 s more.

    The total never falls and never passes twice the time since the start, and 5 s. With `position_seconds` the
    stretch before it is covered, which counts once however often it is watched. Order and repetition are harmless.
    At most 4 a minute and view (`HEARTBEAT_RATE_LIMIT`); 409 when the view began more than a day ago.
    """
    await said.watching.report(said.claim, said.body.view_id, said.body.content)
    return Done()


@router.post(
    "/complete",
    summary="Complete a view",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_completion.body.documentation | FOR_TENANT,
)
async def complete(said: Annotated[Said[CompleteBody], Security(_completion)]) -> Done:
    """Raise the total to the player's own sum, as far as the clock allows, and note the end; any number of times."""
    await said.watching.report(said.claim, said.body.view_id, said.body.content)
    return Done()
