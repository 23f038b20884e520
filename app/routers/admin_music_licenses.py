"""`/api/admin/music-licensing`: terms of contracts, what has changed about licences, and the check of their ends."""

from typing import Annotated

from fastapi import Depends, Path, Query

from app.errors import NotFound
from app.models.wire.music_license_changes import ChangeList, CheckShown, TermsVersionList
from app.models.wire.music_license_terms import LicenseTermsBody, LicenseTermsShown
from app.models.wire.music_licenses import UsageList
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import AdminCaller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import LicenseChecks, LicenseTermsOf, MusicCompliance, OfProvider
from app.routers.routing import Router

router = Router(prefix="/api/admin/music-licensing", tags=["Music licensing"])

OfTerms = Annotated[
    str | None,
    Query(
        alias="tenantId",
        min_length=1,
        max_length=256,
        pattern=r"^[^\x00]+$",
        description="Whose terms; everybody's without it.",
    ),
]
ChangeId = Annotated[str, Path(alias="changeId", description="The change's id.", examples=["665f0c2e9b7a4c31a6e4d9f0"])]

_terms = JsonBody(LicenseTermsBody)


@router.get(
    "/providers/{provider}/license-terms", summary="Show the terms in force", responses=errors(400, 401, 403, 404)
)
async def show_terms(
    _admin: AdminCaller, provider: OfProvider, terms: LicenseTermsOf, tenant_id: OfTerms = None
) -> LicenseTermsShown:
    """The terms of everybody, or exactly those of a tenant; 404 when nobody has set any."""
    found = await terms.current(provider, tenant_id)
    if found is None:
        raise NotFound("There are no such terms")
    return LicenseTermsShown.of(found)


@router.put(
    "/providers/{provider}/license-terms",
    summary="Put terms in force",
    responses=errors(400, 401, 403, 404, 413),
    openapi_extra=_terms.documentation,
)
async def set_terms(
    admin: AdminCaller,
    provider: OfProvider,
    body: Annotated[LicenseTermsBody, Depends(_terms)],
    terms: LicenseTermsOf,
    tenant_id: OfTerms = None,
) -> LicenseTermsShown:
    """Put terms in force from now on, for everybody or for one tenant, whose own go before everybody's.

    They are a new version; what was in force before stays on record. The same terms again change nothing.
    """
    return LicenseTermsShown.of(await terms.set(provider, tenant_id, body.to_draft(), admin.user_id))


@router.get(
    "/providers/{provider}/license-terms/versions",
    summary="List all versions of terms",
    responses=errors(400, 401, 403, 404),
)
async def list_terms(
    _admin: AdminCaller,
    provider: OfProvider,
    terms: LicenseTermsOf,
    tenant_id: OfTerms = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> TermsVersionList:
    """Every version of everybody's terms, or of a tenant's, the newest first."""
    return TermsVersionList.of(await terms.versions(provider, tenant_id, cursor, limit))


@router.get("/license-changes", summary="List changes of licences", responses=errors(400, 401, 403))
async def list_changes(
    _admin: AdminCaller, compliance: MusicCompliance, limit: Limit = 20, cursor: Cursor = None
) -> ChangeList:
    """New terms, changed evidence of tracks and ends of licences, the latest first."""
    return ChangeList.of(await compliance.changes(cursor, limit))


@router.get(
    "/license-changes/{changeId}/uses",
    summary="List the uses that a change touches",
    responses=errors(400, 401, 403, 404),
)
async def list_touched_uses(
    _admin: AdminCaller, change_id: ChangeId, compliance: MusicCompliance, limit: Limit = 20, cursor: Cursor = None
) -> UsageList:
    """The uses recorded before the change that rest on what has changed, the latest first."""
    return UsageList.of(await compliance.touched_by(change_id, cursor, limit))


@router.post("/licenses/check", summary="Look for licences that end", responses=errors(401, 403))
async def check_licenses(_admin: AdminCaller, checks: LicenseChecks) -> CheckShown:
    """What the hourly job does: warn of licences 30, 7 and 1 days before they end and at their end, each once."""
    return CheckShown.model_validate((await checks.run()).summary)
