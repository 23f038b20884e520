"""`/api/music-licensing/favorites`: tracks that the caller keeps."""

from typing import Annotated

from fastapi import Depends, Path, Query, Response

from app.models.licensing.providers import ProviderName
from app.models.wire.music_favorites import FavoriteList, FavoritePatch, FavoriteShown, NewFavorite, Removed
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import Caller
from app.routers.documentation import Responses, errors
from app.routers.licensing_dependencies import Favorites
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing/favorites", tags=["Music licensing"])

FavoriteId = Annotated[str, Path(alias="favoriteId", description="The favourite's id.")]
WithTag = Annotated[str | None, Query(max_length=50, pattern=r"^[^\x00]*$", description="Only those with this tag.")]
OfOne = Annotated[ProviderName | None, Query(description="Only tracks of this provider.")]
Words = Annotated[
    str | None,
    Query(
        max_length=200,
        pattern=r"^[^\x00]*$",
        description="Parts of words of title, artist, album, tags or notes; all must occur.",
    ),
]

_KEPT_ALREADY: Responses = {200: {"model": FavoriteShown, "description": "It was kept already, and is unchanged."}}

_new_favorite = JsonBody(NewFavorite)
_patch = JsonBody(FavoritePatch)


@router.post(
    "",
    status_code=201,
    summary="Keep a track",
    responses=errors(400, 401, 404, 409, 413, 429, 502) | _KEPT_ALREADY,
    openapi_extra=_new_favorite.documentation,
)
async def add_favorite(
    caller: Caller,
    favorite: Annotated[NewFavorite, Depends(_new_favorite)],
    favorites: Favorites,
    response: Response,
) -> FavoriteShown:
    """Keep a track for the caller: 201. One that is kept already stays as it is: 200.

    409 when the caller keeps 5,000, or when the provider is not configured. While the provider fails, a track is
    taken from our copy of its catalogue; one that is not there is 502, or 429 when the provider's quota is spent.
    """
    added = await favorites.add(caller.user_id, favorite.ref, favorite.notes, favorite.tags or ())
    if not added.is_new:
        response.status_code = 200
    return FavoriteShown.of(added.favorite)


@router.get("", summary="List favourites", responses=errors(400, 401))
async def list_favorites(
    caller: Caller,
    favorites: Favorites,
    tag: WithTag = None,
    provider: OfOne = None,
    query: Words = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> FavoriteList:
    """The caller's favourites in pages, the newest first."""
    return FavoriteList.of(await favorites.page(caller.user_id, tag, provider, query, limit, cursor))


@router.get("/{favoriteId}", summary="Show a favourite", responses=errors(401, 404))
async def show_favorite(favorite_id: FavoriteId, caller: Caller, favorites: Favorites) -> FavoriteShown:
    """One of the caller's favourites."""
    return FavoriteShown.of(await favorites.get(caller.user_id, favorite_id))


@router.patch(
    "/{favoriteId}",
    summary="Change notes and tags",
    responses=errors(400, 401, 404, 413),
    openapi_extra=_patch.documentation,
)
async def change_favorite(
    favorite_id: FavoriteId, caller: Caller, patch: Annotated[FavoritePatch, Depends(_patch)], favorites: Favorites
) -> FavoriteShown:
    """Set notes and tags; null clears them, and what is left out stays."""
    return FavoriteShown.of(await favorites.change(caller.user_id, favorite_id, patch.to_changes()))


@router.delete("/{favoriteId}", summary="Remove a favourite", responses=errors(401, 404))
async def remove_favorite(favorite_id: FavoriteId, caller: Caller, favorites: Favorites) -> Removed:
    """Keep a track no longer."""
    await favorites.remove(caller.user_id, favorite_id)
    return Removed(id=favorite_id)
