"""`/api/music-licensing/tracks/{provider}/{trackId}`: one track of a provider."""

from app.models.wire.music_search import LookedTrackShown
from app.routers.dependencies import Caller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import OfProvider, OfTrack, TrackLookups
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing/tracks", tags=["Music licensing"])


@router.get(
    "/{provider}/{trackId:path}",
    summary="Show a track",
    responses=errors(401, 404, 409, 429, 502),
)
async def show_track(
    _caller: Caller, provider: OfProvider, track_id: OfTrack, tracks: TrackLookups
) -> LookedTrackShown:
    """One track, and whether it came from the cache; one under another licence has `license.usable: false`.

    409 when the provider is not configured.
    """
    return LookedTrackShown.looked(await tracks.track(provider, track_id))
