"""`/api/admin/music-licensing/providers`: how music providers are set up."""

from typing import Annotated

from fastapi import Depends

from app.models.wire.music_providers import MusicProviderList, MusicProviderShown, ProviderChangeBody
from app.routers.bodies import JsonBody
from app.routers.dependencies import AdminCaller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import OfProvider, ProviderAdmin
from app.routers.routing import Router

router = Router(prefix="/api/admin/music-licensing/providers", tags=["Music licensing"])

_change = JsonBody(ProviderChangeBody)


@router.get("", summary="List music providers", responses=errors(401, 403))
async def list_providers(_admin: AdminCaller, providers: ProviderAdmin) -> MusicProviderList:
    """All providers, in the order in which their results are shown."""
    return MusicProviderList(items=[MusicProviderShown.of(one) for one in await providers.all()])


@router.get("/{provider}", summary="Show a music provider", responses=errors(401, 403, 404))
async def show_provider(_admin: AdminCaller, provider: OfProvider, providers: ProviderAdmin) -> MusicProviderShown:
    """How one provider is set up. Of credentials only the names of those that are set are told."""
    return MusicProviderShown.of(await providers.get(provider))


@router.put(
    "/{provider}",
    summary="Set up a music provider",
    responses=errors(400, 401, 403, 404, 409, 413),
    openapi_extra=_change.documentation,
)
async def set_up_provider(
    admin: AdminCaller,
    provider: OfProvider,
    change: Annotated[ProviderChangeBody, Depends(_change)],
    providers: ProviderAdmin,
) -> MusicProviderShown:
    """Change what is sent and leave the rest, so that of two changes at once both stay; seen by all within a second.

    Credentials are stored sealed, and never shown again; 409 when there is no key to seal them with.
    """
    terms = change.sent_terms
    draft = None if terms is None else terms.to_draft()
    return MusicProviderShown.of(await providers.change(provider, change.to_change(), draft, admin.user_id))
