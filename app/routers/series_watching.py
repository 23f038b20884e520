"""`/api/series/episodes/{id}/play` and `/api/series/views/start`: playing an episode begins a view of it."""

from typing import Annotated

from fastapi import Depends, Request

from app.models.episodes.watching import Origin
from app.models.wire.episodes_watching import (
    PlaybackShown,
    StartBody,
    Started,
)
from app.routers.bodies import JsonBody
from app.routers.dependencies import House
from app.routers.documentation import errors
from app.routers.series_parts import TAG, EpisodeId, Wing
from app.routers.slashes import SlashesRouter
from app.routers.tenants import FOR_TENANT, TenantCaller

router = SlashesRouter(prefix="/api/series", tags=[TAG])

_start = JsonBody(StartBody)


async def _origin(request: Request, house: House, caller: TenantCaller) -> Origin:
    host = request.client.host if request.client else None
    sender = house.stats.senders.identify(caller.user_id, host, request.headers.get("user-agent", ""), None)
    return Origin("", sender.address, sender.user_agent)


@router.get(
    "/episodes/{id}/play/",
    summary="Play an episode",
    responses=errors(400, 401, 403, 404),
    openapi_extra=FOR_TENANT,
)
async def play(caller: TenantCaller, episode_id: EpisodeId, wing: Wing) -> PlaybackShown:
    """What the provider's own player needs, so that its view counts there, and a token to report a view with here.

    The token begins one view within the hour, and is good for the caller, the tenant and the episode only.
    """
    return PlaybackShown.of(await wing.playback.play(caller.tenant, caller.user_id, episode_id))


@router.post(
    "/views/start",
    status_code=201,
    summary="Begin a view",
    responses=errors(400, 401, 403, 404, 413),
    openapi_extra=_start.documentation | FOR_TENANT,
)
async def start(
    caller: TenantCaller,
    body: Annotated[StartBody, Depends(_start)],
    origin: Annotated[Origin, Depends(_origin)],
    wing: Wing,
) -> Started:
    """Begin the view of a playback token; the same token again gives the same view.

    The server's clock counts from now on; `started_at` is kept as what the player said.
    """
    here = Origin(body.device_id or "", origin.ip, origin.user_agent)
    view_id = await wing.watching.start(
        caller.tenant, caller.user_id, body.episode_id, body.playback_token, here, body.started_at
    )
    return Started(view_id=view_id)
