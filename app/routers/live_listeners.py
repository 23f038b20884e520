"""`/api/stats/tracks/{trackId}/live`: who listens at present."""

from app.models.wire.base import Answer
from app.models.wire.live_listeners import LiveShown
from app.routers.admin_tracks import AnyTrackId
from app.routers.dependencies import LiveListeners
from app.routers.documentation import errors
from app.routers.routing import Router
from app.services.stats.live_listeners import WINDOW

router = Router(prefix="/api/stats/tracks", tags=["Statistics"])


@router.get("/{trackId}/live", summary="Count live listeners", responses=errors(404))
async def live_listeners(track_id: AnyTrackId, listeners: LiveListeners) -> Answer[LiveShown]:
    """How many sessions have played the track in the last two minutes; plays that are set aside make no listener.

    Over Socket.IO: send `subscribe` with `{"trackId"}`, hear `track-listeners-updated`.
    """
    return Answer(data=LiveShown.of(await listeners.of_track(track_id), WINDOW))
