"""`/api/music-licensing/…/similar` and `/api/music-licensing/recommendations`: tracks that somebody may like."""

from app.models.licensing.favorites import TrackRef
from app.models.wire.music_recommendations import RecommendationsShown, SimilarShown
from app.routers.copyright_free import Limit
from app.routers.dependencies import Caller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import OfProvider, OfTrack, Recommendations, Similar
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing", tags=["Music licensing"])


@router.get(
    "/tracks/{provider}/{trackId:path}/similar",
    summary="List similar tracks",
    responses=errors(400, 401, 404, 409, 429, 502),
)
async def similar_tracks(
    caller: Caller,  # noqa: ARG001 - whoever has a token
    provider: OfProvider,
    track_id: OfTrack,
    similar: Similar,
    limit: Limit = 10,
) -> SimilarShown:
    """Usable tracks similar to this one, the most similar first, each with a score and reasons.

    Where the provider has a list of its own, that; else tracks of our copy that share genres, moods, instruments,
    tempo and energy with it.
    """
    return SimilarShown.of(await similar.to(TrackRef(provider, track_id), limit))


@router.get("/recommendations", summary="Recommend tracks", responses=errors(400, 401))
async def recommendations(caller: Caller, recommended: Recommendations, limit: Limit = 10) -> RecommendationsShown:
    """Tracks that fit the caller's favourites and uses, without these, and with few of any one artist.

    Who has neither gets what is used most lately. The same favourites, uses and catalogue give the same tracks.
    """
    return RecommendationsShown.of(await recommended.of(caller.user_id, limit))
