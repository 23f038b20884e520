"""`/api/admin/copyright-free`: keeping the catalogue."""

from typing import Annotated

from fastapi import Depends

from app.models.wire.base import Answer
from app.models.wire.songs import NewSong, SongPatch, SongRemoved, SongShown
from app.routers.bodies import JsonBody
from app.routers.copyright_free import SongId
from app.routers.dependencies import AdminCaller, Catalogue
from app.routers.documentation import errors
from app.routers.routing import Router

router = Router(prefix="/api/admin/copyright-free", tags=["Administration"])

_new_song = JsonBody(NewSong)
_patch = JsonBody(SongPatch)


@router.post(
    "",
    status_code=201,
    summary="Add a song",
    responses=errors(400, 401, 403, 409, 413),
    openapi_extra=_new_song.documentation,
)
async def add_song(
    _admin: AdminCaller, song: Annotated[NewSong, Depends(_new_song)], catalogue: Catalogue
) -> Answer[SongShown]:
    """Add a song to the catalogue, with all counts at zero. Counts in the body are refused."""
    return Answer(data=SongShown.of(await catalogue.add(song.to_draft())))


@router.patch(
    "/{songId}",
    summary="Change a song",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_patch.documentation,
)
async def change_song(
    song_id: SongId, _admin: AdminCaller, patch: Annotated[SongPatch, Depends(_patch)], catalogue: Catalogue
) -> Answer[SongShown]:
    """Change the fields that are sent; null clears `slug`, `artistId` or `thumbnailUrl`. Counts are refused."""
    return Answer(data=SongShown.of(await catalogue.change(song_id, patch.to_changes())))


@router.delete("/{songId}", summary="Remove a song", responses=errors(401, 403, 404))
async def remove_song(song_id: SongId, _admin: AdminCaller, catalogue: Catalogue) -> Answer[SongRemoved]:
    """Remove a song with its views, likes and bookmarks. From this moment on it is 404 for everyone."""
    return Answer(data=SongRemoved(id=await catalogue.remove(song_id)))
