"""`/api/music-licensing/tracks/…`: whether a use is licensed, its record, and the evidence."""

from typing import Annotated

from fastapi import Depends, Header

from app.models.licensing.usage import UseOrder
from app.models.wire.music_license_evidence import EvidenceList
from app.models.wire.music_licenses import LicenseQuestion, NewUsage, UsageShown, VerdictShown
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import Caller, House
from app.routers.documentation import errors
from app.routers.licensing_dependencies import (
    Licenses,
    MusicUsages,
    OfProvider,
    OfTenant,
    OfTrack,
)
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing/tracks/{provider}/{trackId:path}", tags=["Music licensing"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Of the calls of one user with the same key, one is recorded.",
    ),
]

_question = JsonBody(LicenseQuestion)
_new_usage = JsonBody(NewUsage)


@router.post(
    "/validate-license",
    summary="Ask whether a use is licensed",
    responses=errors(400, 401, 403, 404, 409, 413, 429, 502),
    openapi_extra=_question.documentation,
)
async def validate_license(
    _caller: Caller,
    provider: OfProvider,
    track_id: OfTrack,
    tenant_id: OfTenant,
    question: Annotated[LicenseQuestion, Depends(_question)],
    licenses: Licenses,
    house: House,
) -> VerdictShown:
    """The verdict on a use of a track, now or on a day or at a moment, with the reasons against it.

    Terms of the tenant (`X-Tenant-Id`) go before everybody's. A day of the past is judged by the terms and the
    evidence on record at its end, one to come by those of now; a licence covers a day when it covers all of it.
    """
    verdict = await licenses.validate(provider, track_id, tenant_id, question.use, question.period)
    return VerdictShown.of(verdict, house.clock.now())


@router.post(
    "/usage",
    status_code=201,
    summary="Record a use",
    responses=errors(400, 401, 403, 404, 409, 413, 429, 502),
    openapi_extra=_new_usage.documentation,
)
async def record_usage(
    caller: Caller,
    provider: OfProvider,
    track_id: OfTrack,
    tenant_id: OfTenant,
    new: Annotated[NewUsage, Depends(_new_usage)],
    usages: MusicUsages,
    idempotency_key: IdempotencyKey = None,
) -> UsageShown:
    """Record a use of a track, with the licence that it rests on; 409 `LICENSE_INVALID` unless it is licensed now."""
    order = UseOrder(caller.user_id, tenant_id, provider, track_id, new.project_id, new.use, idempotency_key)
    return UsageShown.of(await usages.record(order))


@router.get("/evidence", summary="List the evidence of a licence", responses=errors(400, 401, 404))
async def list_evidence(
    _caller: Caller,
    provider: OfProvider,
    track_id: OfTrack,
    licenses: Licenses,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> EvidenceList:
    """What the provider said of the track's licence and when, the newest first; empty while nobody has looked."""
    return EvidenceList.of(await licenses.evidence(provider, track_id, cursor, limit))
