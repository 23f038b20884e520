"""`/api/demo`: signing in to the demo; these routes are there in development only."""

from typing import Annotated

from fastapi import Depends, Request

from app.models.wire.demo import DemoSignIn, DemoTokenShown
from app.routers.bodies import JsonBody
from app.routers.routing import Router
from app.services.identity.demo_tokens import DemoTokenService

router = Router(prefix="/api/demo", include_in_schema=False)

_sign_in = JsonBody(DemoSignIn)


async def _demo_tokens(request: Request) -> DemoTokenService:
    service: DemoTokenService = request.app.state.demo_tokens
    return service


@router.post("/tokens")
async def mint_demo_token(
    body: Annotated[DemoSignIn, Depends(_sign_in)], tokens: Annotated[DemoTokenService, Depends(_demo_tokens)]
) -> DemoTokenShown:
    """A token to try the pages with, as a listener, an artist or an admin."""
    minted = tokens.mint(body.who)
    return DemoTokenShown.of(minted.token, minted.user_id, minted.expires_at)
