"""`/api/admin/artists`: keeping the artists."""

from typing import Annotated

from fastapi import Depends, Path

from app.models.wire.artists import ArtistList, ArtistPatch, ArtistShown, NewArtist
from app.models.wire.base import Answer
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import AdminCaller, Artists
from app.routers.documentation import errors
from app.routers.routing import Router

router = Router(prefix="/api/admin/artists", tags=["Administration"])

ArtistId = Annotated[str, Path(alias="artistId", description="The artist's id.", examples=["artist-1"])]

_new_artist = JsonBody(NewArtist)
_patch = JsonBody(ArtistPatch)


@router.post(
    "",
    status_code=201,
    summary="Add an artist",
    responses=errors(400, 401, 403, 409, 413),
    openapi_extra=_new_artist.documentation,
)
async def add_artist(
    _admin: AdminCaller, artist: Annotated[NewArtist, Depends(_new_artist)], artists: Artists
) -> Answer[ArtistShown]:
    """Add an artist. The user with this `userId` as `sub` sees the dashboard; a user is one artist at most."""
    return Answer(data=ArtistShown.of(await artists.add(artist.to_draft())))


@router.get("", summary="List artists", responses=errors(400, 401, 403))
async def list_artists(
    _admin: AdminCaller, artists: Artists, limit: Limit = 20, cursor: Cursor = None
) -> Answer[ArtistList]:
    """Artists in pages, the newest first."""
    return Answer(data=ArtistList.of(await artists.page(cursor, limit)))


@router.get("/{artistId}", summary="Show an artist", responses=errors(401, 403, 404))
async def show_artist(artist_id: ArtistId, _admin: AdminCaller, artists: Artists) -> Answer[ArtistShown]:
    """One artist, with the user whose dashboard shows them; `userId` is null when that account was erased."""
    return Answer(data=ArtistShown.of(await artists.get(artist_id)))


@router.patch(
    "/{artistId}",
    summary="Change an artist",
    responses=errors(400, 401, 403, 404, 413),
    openapi_extra=_patch.documentation,
)
async def change_artist(
    artist_id: ArtistId, _admin: AdminCaller, patch: Annotated[ArtistPatch, Depends(_patch)], artists: Artists
) -> Answer[ArtistShown]:
    """Change the fields that are sent. `excludeOwnPlays` has stored plays of the artist's own judged again first."""
    return Answer(data=ArtistShown.of(await artists.change(artist_id, patch.to_changes())))
