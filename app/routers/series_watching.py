"""`/api/series/episodes/{id}/play` and `/api/series/views`: playing episodes, and how long they are watched."""

from typing import Annotated

from fastapi import Depends, Request, Security

from app.models.episodes.watching import Origin
from app.models.wire.episodes_watching import (
    CompleteBody,
    Done,
    HeartbeatBody,
    PlaybackShown,
    StartBody,
    Started,
)
from app.routers.bodies import JsonBody
from app.routers.dependencies import House
from app.routers.documentation import errors
from app.routers.series_parts import TAG, EpisodeId, Wing
from app.routers.series_reports import ReportOf, Said
from app.routers.slashes import SlashesRouter
from app.routers.tenants import FOR_TENANT, TenantCaller

router = SlashesRouter(prefix="/api/series", tags=[TAG])

_start = JsonBody(StartBody)
_beat = ReportOf(HeartbeatBody, limited=True)
_completion = ReportOf(CompleteBody, limited=False)


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


@router.post(
    "/views/heartbeat",
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
    "/views/complete",
    summary="Complete a view",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_completion.body.documentation | FOR_TENANT,
)
async def complete(said: Annotated[Said[CompleteBody], Security(_completion)]) -> Done:
    """Raise the total to the player's own sum, as far as the clock allows, and note the end; any number of times."""
    await said.watching.report(said.claim, said.body.view_id, said.body.content)
    return Done()
