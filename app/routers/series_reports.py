"""What players report of episodes: read after the caller is known, checked against the view's token, and limited."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from fastapi import Request, Response
from fastapi.security.base import SecurityBase

from app.container import Container
from app.models.episodes.watching import PlaybackClaim
from app.models.wire.episodes_watching import CompleteBody, HeartbeatBody
from app.routers.bodies import JsonBody
from app.routers.dependencies import BEARER
from app.routers.rate_limits import spend
from app.routers.tenants import TenantToken
from app.services.episodes.watching import WatchingService

Body = TypeVar("Body", HeartbeatBody, CompleteBody)

_tenant = TenantToken()


@dataclass(frozen=True)  # without slots: in Python 3.11 a frozen generic with slots cannot be made as Said[X](...)
class Said(Generic[Body]):
    """A report, the claim that allows it, and who takes it."""

    body: Body
    claim: PlaybackClaim
    watching: WatchingService


class ReportOf(SecurityBase, Generic[Body]):
    """A report of a member about a view of theirs.

    One dependency for all of it: FastAPI solves a tree anew for each branch, and beats are the bulk of all requests.
    """

    def __init__(self, model: type[Body], *, limited: bool) -> None:
        self.model = BEARER
        self.scheme_name = "bearer"
        self.body: JsonBody[Body] = JsonBody(model)
        self._limited = limited

    async def __call__(self, request: Request, response: Response) -> Said[Body]:
        """The report; see `TenantToken`, `JsonBody`, `WatchingService.identify` and `spend` for what is raised.

        The limit is counted by the verified token, so that nobody uses up another view's.
        """
        member = await _tenant(request)
        body = await self.body(request)
        house: Container = request.app.state.container
        watching = house.episodes.watching
        claim = await watching.identify(member.tenant, member.user_id, body.playback_token)
        if self._limited:
            await spend(house.limiter, house.episodes.heartbeat_limit, "heartbeat", claim.key, request, response)
        return Said(body, claim, watching)
