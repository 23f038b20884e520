"""Named types for what an endpoint needs: its signature tells who may call and what it works with.

All are `async`, also where nothing is awaited: FastAPI runs a plain function in a thread, and three of those cost a
request more than everything else it does (525 µs of CPU became 330).
"""

from typing import Annotated

from fastapi import Depends, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from limits import RateLimitItem
from slowapi.errors import RateLimitExceeded
from slowapi.wrappers import Limit

from app.container import Container
from app.errors import Forbidden, Unauthorized
from app.models.identity import Identity
from app.routers.error_handlers import allowance_headers
from app.services.copyright_free.catalogue import CatalogueService
from app.services.copyright_free.reactions import ReactionService
from app.services.copyright_free.reconciliation import ReconciliationService
from app.services.copyright_free.views import ViewService
from app.services.jobs import JobService

_bearer = HTTPBearer(
    scheme_name="bearer", bearerFormat="JWT", description="A JWT with `exp` and `sub`.", auto_error=False
)


async def _container(request: Request) -> Container:
    container: Container = request.app.state.container
    return container


House = Annotated[Container, Depends(_container)]


async def _guest(request: Request, house: House) -> Identity | None:
    """Who is asking, if anybody says so.

    Something that is no bearer token is refused: taking the caller for anonymous would hide the mistake from them.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    return await house.verifier.verify(token)


async def _caller(
    guest: Annotated[Identity | None, Depends(_guest)],
    _documented: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Identity:
    if guest is None:
        raise Unauthorized
    return guest


async def _admin(caller: Annotated[Identity, Depends(_caller)]) -> Identity:
    if not caller.is_admin:
        raise Forbidden("Only an admin may do this")
    return caller


Guest = Annotated[Identity | None, Depends(_guest)]
"""Anyone; who sends a token must send a good one."""

Caller = Annotated[Identity, Depends(_caller)]
"""Anyone with a token."""

AdminCaller = Annotated[Identity, Depends(_admin)]
"""An admin."""


async def _view_limit(request: Request, response: Response, house: House, caller: Caller) -> None:
    limit = house.view_limit
    verdict = await house.limiter.hit(limit, "view", caller.user_id)
    if verdict is None:
        return
    request.state.allowance = verdict.allowance
    response.headers.update(allowance_headers(verdict.allowance))
    if not verdict.is_allowed:
        raise RateLimitExceeded(_declared(limit))


def _declared(limit: RateLimitItem) -> Limit:
    """The limit as slowapi declares it, which its error carries."""
    return Limit(limit, lambda: "", "view", False, None, None, None, 1, False)


ViewLimit = Depends(_view_limit)
"""Refuses with 429 when the caller has used up `VIEW_RATE_LIMIT`."""


async def _views(house: House) -> ViewService:
    return house.views


async def _likes(house: House) -> ReactionService:
    return house.likes


async def _bookmarks(house: House) -> ReactionService:
    return house.bookmarks


async def _catalogue(house: House) -> CatalogueService:
    return house.catalogue


async def _jobs(request: Request) -> JobService:
    jobs: JobService = request.app.state.jobs
    return jobs


async def _reconciliation(house: House) -> ReconciliationService:
    return house.reconciliation


Jobs = Annotated[JobService, Depends(_jobs)]
Reconciliation = Annotated[ReconciliationService, Depends(_reconciliation)]
Views = Annotated[ViewService, Depends(_views)]
Likes = Annotated[ReactionService, Depends(_likes)]
Bookmarks = Annotated[ReactionService, Depends(_bookmarks)]
Catalogue = Annotated[CatalogueService, Depends(_catalogue)]
