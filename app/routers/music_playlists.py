"""`/api/music-licensing/playlists`: playlists of licensed tracks."""

from typing import Annotated

from fastapi import Depends, Path, Response

from app.models.licensing.playlists import FilledPlaylist
from app.models.wire.music_favorites import Removed
from app.models.wire.music_playlists import (
    EntryAddedShown,
    EntryRemoved,
    FilledPlaylistShown,
    MusicPlaylistList,
    MusicPlaylistPatch,
    MusicPlaylistShown,
    NewEntry,
    NewMusicPlaylist,
    NewOrder,
    OrderShown,
)
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import Caller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import MusicPlaylists
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing/playlists", tags=["Music licensing"])

PlaylistId = Annotated[str, Path(alias="playlistId", description="The playlist's id.")]
EntryId = Annotated[str, Path(alias="entryId", description="The id of an entry of the playlist.")]

_new_playlist = JsonBody(NewMusicPlaylist)
_patch = JsonBody(MusicPlaylistPatch)
_new_entry = JsonBody(NewEntry)
_new_order = JsonBody(NewOrder)


@router.post(
    "",
    status_code=201,
    summary="Add a playlist",
    responses=errors(400, 401, 413),
    openapi_extra=_new_playlist.documentation,
)
async def add_playlist(
    caller: Caller,
    playlist: Annotated[NewMusicPlaylist, Depends(_new_playlist)],
    playlists: MusicPlaylists,
    response: Response,
) -> FilledPlaylistShown:
    """Add an empty playlist, which is the caller's. It is also one of `/api/playlists`, and takes submissions."""
    added = await playlists.add(playlist.to_draft(caller.user_id))
    _tag(response, added.version)
    return FilledPlaylistShown.with_tracks(FilledPlaylist(added, ()))


@router.get("", summary="List own playlists", responses=errors(400, 401))
async def own_playlists(
    caller: Caller, playlists: MusicPlaylists, limit: Limit = 20, cursor: Cursor = None
) -> MusicPlaylistList:
    """The caller's playlists in pages, the newest first, without their tracks."""
    return MusicPlaylistList.of(await playlists.own(caller.user_id, cursor, limit))


@router.get("/{playlistId}", summary="Show a playlist", responses=errors(401, 404))
async def show_playlist(
    playlist_id: PlaylistId, caller: Caller, playlists: MusicPlaylists, response: Response
) -> FilledPlaylistShown:
    """An own playlist, or anybody's public one, with all of its tracks; `ETag` has its version."""
    found = await playlists.get(caller.user_id, playlist_id)
    _tag(response, found.playlist.version)
    return FilledPlaylistShown.with_tracks(found)


@router.put(
    "/{playlistId}",
    summary="Change a playlist",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_patch.documentation,
)
async def change_playlist(
    playlist_id: PlaylistId,
    caller: Caller,
    patch: Annotated[MusicPlaylistPatch, Depends(_patch)],
    playlists: MusicPlaylists,
    response: Response,
) -> MusicPlaylistShown:
    """Change title, description, or whether others may read it; what is left out stays.

    With a `version` that is not the current one: 409, which names the current one in `errors` and in `ETag`.
    """
    changed = await playlists.change(caller.user_id, playlist_id, patch.to_changes())
    _tag(response, changed.version)
    return MusicPlaylistShown.of(changed)


@router.delete("/{playlistId}", summary="Remove a playlist", responses=errors(401, 403, 404))
async def remove_playlist(playlist_id: PlaylistId, caller: Caller, playlists: MusicPlaylists) -> Removed:
    """Remove a playlist. What was submitted to it and waits for a decision is rejected."""
    await playlists.remove(caller.user_id, playlist_id)
    return Removed(id=playlist_id)


@router.post(
    "/{playlistId}/tracks",
    status_code=201,
    summary="Add a track",
    responses=errors(400, 401, 403, 404, 409, 413, 429, 502),
    openapi_extra=_new_entry.documentation,
)
async def add_track(
    playlist_id: PlaylistId,
    caller: Caller,
    entry: Annotated[NewEntry, Depends(_new_entry)],
    playlists: MusicPlaylists,
    response: Response,
) -> EntryAddedShown:
    """Add a track to an own playlist. A playlist has a track once, and 1,000 tracks at most: 409 otherwise.

    The track must exist at its provider; while that fails, it is taken from our copy of its catalogue.
    """
    added = await playlists.add_entry(caller.user_id, playlist_id, entry.ref, entry.note, entry.position)
    _tag(response, added.version)
    return EntryAddedShown.of_addition(added)


@router.delete("/{playlistId}/tracks/{entryId}", summary="Remove a track", responses=errors(401, 403, 404))
async def remove_track(
    playlist_id: PlaylistId, entry_id: EntryId, caller: Caller, playlists: MusicPlaylists, response: Response
) -> EntryRemoved:
    """Remove a track from an own playlist, by the id of its entry."""
    playlist = await playlists.remove_entry(caller.user_id, playlist_id, entry_id)
    _tag(response, playlist.version)
    return EntryRemoved(id=entry_id, version=playlist.version)


@router.put(
    "/{playlistId}/order",
    summary="Reorder the tracks",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_new_order.documentation,
)
async def reorder_tracks(
    playlist_id: PlaylistId,
    caller: Caller,
    order: Annotated[NewOrder, Depends(_new_order)],
    playlists: MusicPlaylists,
    response: Response,
) -> OrderShown:
    """Put the tracks of an own playlist into an order of all of its entries, as a whole or not at all.

    400 when an id is unknown, missing or there twice. 409 when `version` is not the current one, which it names in
    `errors` and in `ETag`: read the playlist again, and order what is there now.
    """
    ordered = await playlists.reorder(caller.user_id, playlist_id, order.order, order.version)
    _tag(response, ordered.playlist.version)
    return OrderShown.of(ordered)


def _tag(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'
