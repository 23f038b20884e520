"""`/api/playlists`: playlists, and the tracks that artists submit to them."""

from typing import Annotated

from fastapi import Depends, Path, Query

from app.models.stats.playlists import SubmissionStatus
from app.models.wire.base import Answer
from app.models.wire.playlists import (
    Decision,
    NewPlaylist,
    NewSubmission,
    PlaylistList,
    PlaylistShown,
    SubmissionList,
    SubmissionShown,
)
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import Caller, Playlists
from app.routers.documentation import errors
from app.routers.routing import Router

router = Router(prefix="/api/playlists", tags=["Playlists"])

PlaylistId = Annotated[str, Path(alias="playlistId", description="The playlist's id.", examples=["playlist-1"])]
SubmissionId = Annotated[str, Path(alias="submissionId", description="The submission's id.")]
Standing = Annotated[SubmissionStatus | None, Query(description="Only those that stand so.")]

_new_playlist = JsonBody(NewPlaylist)
_new_submission = JsonBody(NewSubmission)
_decision = JsonBody(Decision)


@router.post(
    "",
    status_code=201,
    summary="Add a playlist",
    responses=errors(400, 401, 409, 413),
    openapi_extra=_new_playlist.documentation,
)
async def add_playlist(
    caller: Caller, playlist: Annotated[NewPlaylist, Depends(_new_playlist)], playlists: Playlists
) -> Answer[PlaylistShown]:
    """Add a playlist, which is the caller's."""
    return Answer(data=PlaylistShown.of(await playlists.add(playlist.to_draft(caller.user_id))))


@router.get("", summary="List own playlists", responses=errors(400, 401))
async def own_playlists(
    caller: Caller, playlists: Playlists, limit: Limit = 20, cursor: Cursor = None
) -> Answer[PlaylistList]:
    """The caller's playlists in pages, the newest first."""
    return Answer(data=PlaylistList.of(await playlists.own(caller.user_id, cursor, limit)))


@router.post(
    "/{playlistId}/submissions",
    status_code=201,
    summary="Submit a track",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_new_submission.documentation,
)
async def submit_track(
    playlist_id: PlaylistId,
    caller: Caller,
    submission: Annotated[NewSubmission, Depends(_new_submission)],
    playlists: Playlists,
) -> Answer[SubmissionShown]:
    """Submit a track to anybody's playlist, for the track's artist and for admins.

    A track is in a playlist, or waits for a decision, once; after a rejection it may be submitted again.
    """
    made = await playlists.submit(caller, playlist_id, submission.track_id, submission.message)
    return Answer(data=SubmissionShown.of(made))


@router.get("/{playlistId}/submissions", summary="List submissions", responses=errors(400, 401, 404))
async def list_submissions(
    playlist_id: PlaylistId,
    caller: Caller,
    playlists: Playlists,
    status: Standing = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Answer[SubmissionList]:
    """Submissions to a playlist in pages, the newest first: all for its owner and for admins, for others their own."""
    page = await playlists.submissions(caller, playlist_id, status, cursor, limit)
    return Answer(data=SubmissionList.of(page))


@router.patch(
    "/{playlistId}/submissions/{submissionId}",
    summary="Decide on a submission",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_decision.documentation,
)
async def decide(
    playlist_id: PlaylistId,
    submission_id: SubmissionId,
    caller: Caller,
    decision: Annotated[Decision, Depends(_decision)],
    playlists: Playlists,
) -> Answer[SubmissionShown]:
    """Accept or reject a pending submission, for the playlist's owner and for admins.

    A decision is final: the same one again changes nothing, another one is 409. Of decisions at the same time exactly
    one is taken.
    """
    decided = await playlists.decide(caller, playlist_id, submission_id, decision.to_status())
    return Answer(data=SubmissionShown.of(decided))
