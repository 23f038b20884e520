"""Who calls for which tenant: the token says which may be, `X-Tenant-Id` which one it is."""

from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security.base import SecurityBase

from app.errors import FieldError, Forbidden, Invalid
from app.models.identity import Identity, Member
from app.routers.dependencies import BEARER, TokenBearer
from app.services.identity.claims import is_fit_id

HEADER = "X-Tenant-Id"

TENANT_HEADER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": True,
    "description": "One of the tenants in the token.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 256},
    "example": "demo",
}
"""What the OpenAPI document says of it; an operation lists it under `parameters`."""

FOR_TENANT: dict[str, Any] = {"parameters": [TENANT_HEADER]}
"""The `openapi_extra` of an operation for a tenant."""

_token = TokenBearer()


class TenantToken(SecurityBase):
    """Anyone with a token, for one of its tenants."""

    def __init__(self) -> None:
        self.model = BEARER
        self.scheme_name = "bearer"

    async def __call__(self, request: Request) -> Member:
        """The bearer and the tenant.

        Raises:
            Unauthorized: there is no token, or none to be believed.
            Invalid: the header is missing or unfit.
            Forbidden: the tenant is none of the token's.
        """
        return _member(await _token(request), request.headers.get(HEADER))


def _member(identity: Identity, tenant: str | None) -> Member:
    if tenant is None or not is_fit_id(tenant):
        raise Invalid(f"{HEADER} is missing or not valid", [FieldError(HEADER, "must be the id of a tenant")])
    if tenant not in identity.tenants:
        raise Forbidden("You are not a member of this tenant")
    return Member(identity, tenant)


TenantCaller = Annotated[Member, Security(TenantToken())]
"""A member of the tenant."""


async def _tenant_admin(member: TenantCaller) -> Member:
    if not member.identity.is_admin:
        raise Forbidden("Only an admin may do this")
    return member


TenantAdminCaller = Annotated[Member, Depends(_tenant_admin)]
"""A member of the tenant with the role `admin`."""
