"""`/api/admin/tracks`: keeping the tracks."""

from typing import Annotated

from fastapi import Depends, Path, Query

from app.models.stats.tracks import TrackFilter
from app.models.wire.base import Answer
from app.models.wire.tracks import NewTrack, TrackList, TrackPatch, TrackRemoved, TrackShown
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import AdminCaller, Tracks
from app.routers.documentation import errors
from app.routers.routing import Router

router = Router(prefix="/api/admin/tracks", tags=["Administration"])

TrackId = Annotated[str, Path(alias="trackId", description="The track's id.", examples=["track-1"])]
AnyTrackId = Annotated[
    str,
    Path(
        alias="trackId",
        description="The track's id; also the id or slug of a song of the catalogue.",
        examples=["track-1"],
    ),
]
OfArtist = Annotated[
    str | None, Query(alias="artistId", max_length=256, pattern=r"^[^\x00]*$", description="Only this artist's tracks.")
]

_new_track = JsonBody(NewTrack)
_patch = JsonBody(TrackPatch)


@router.post(
    "",
    status_code=201,
    summary="Add a track",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_new_track.documentation,
)
async def add_track(
    _admin: AdminCaller, track: Annotated[NewTrack, Depends(_new_track)], tracks: Tracks
) -> Answer[TrackShown]:
    """Add a track of an artist, with all counts at zero. Counts in the body are refused.

    The id of a removed track brings that one back, with its events and counts, as what is sent now.
    """
    return Answer(data=TrackShown.of(await tracks.add(track.to_draft())))


@router.get("", summary="List tracks", responses=errors(400, 401, 403))
async def list_tracks(
    _admin: AdminCaller, tracks: Tracks, artist_id: OfArtist = None, limit: Limit = 20, cursor: Cursor = None
) -> Answer[TrackList]:
    """Tracks in pages, the newest first; songs of the catalogue are listed there."""
    return Answer(data=TrackList.of(await tracks.page(TrackFilter(artist_id or None, limit, cursor))))


@router.get("/{trackId}", summary="Show a track", responses=errors(401, 403, 404))
async def show_track(track_id: AnyTrackId, _admin: AdminCaller, tracks: Tracks) -> Answer[TrackShown]:
    """One track with its counters, or a song of the catalogue with those of its events."""
    return Answer(data=TrackShown.of(await tracks.get(track_id)))


@router.patch(
    "/{trackId}",
    summary="Change a track",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_patch.documentation,
)
async def change_track(
    track_id: TrackId, _admin: AdminCaller, patch: Annotated[TrackPatch, Depends(_patch)], tracks: Tracks
) -> Answer[TrackShown]:
    """Change the fields that are sent; counts are refused. A track takes its past along to another artist."""
    return Answer(data=TrackShown.of(await tracks.change(track_id, patch.to_changes())))


@router.delete("/{trackId}", summary="Remove a track", responses=errors(401, 403, 404, 409))
async def remove_track(track_id: TrackId, _admin: AdminCaller, tracks: Tracks) -> Answer[TrackRemoved]:
    """Remove a track: it is 404 for everyone from now on, and takes no more events; those it has are kept."""
    return Answer(data=TrackRemoved(id=await tracks.remove(track_id)))
