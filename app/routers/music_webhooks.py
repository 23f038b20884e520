"""`/api/music-licensing/webhooks`: what music providers tell us by themselves."""

from typing import Annotated

from fastapi import Depends, Header, Request, Response

from app.models.licensing.providers import ProviderName
from app.models.licensing.webhooks import SignedBody
from app.models.wire.music_webhooks import NoticeBody, NoticeTaken
from app.routers.bodies import JsonBody, read_body
from app.routers.documentation import Responses, errors
from app.routers.licensing_dependencies import OfProvider, WebhooksIn
from app.routers.routing import Router

router = Router(prefix="/api/music-licensing/webhooks", tags=["Music licensing"])

_REPEATED: Responses = {200: {"model": NoticeTaken, "description": "It was taken before; nothing is done again."}}
# Read as it was signed; only the documentation is as of every body.
_documented = JsonBody(NoticeBody).documentation

Signature = Annotated[
    str | None, Header(description="`sha256=` and the HMAC-SHA256, in hex, of the time, a dot and the body.")
]
Timestamp = Annotated[str | None, Header(description="When it was signed, in seconds since 1970; within 5 minutes.")]
Hidden = Annotated[str | None, Header(include_in_schema=False)]


async def _signed(
    request: Request,
    provider: OfProvider,
    x_signature: Signature = None,
    x_timestamp: Timestamp = None,
    x_soundstripe_signature: Hidden = None,
    x_soundstripe_timestamp: Hidden = None,
) -> SignedBody:
    if provider is ProviderName.SOUNDSTRIPE:
        x_signature = x_signature or x_soundstripe_signature
        x_timestamp = x_timestamp or x_soundstripe_timestamp
    return SignedBody(await read_body(request), x_signature, x_timestamp)


@router.post(
    "/{provider}",
    status_code=202,
    summary="Hear from a provider",
    responses=errors(400, 401, 404, 413) | _REPEATED,
    openapi_extra=_documented,
)
async def hear(
    provider: OfProvider, signed: Annotated[SignedBody, Depends(_signed)], webhooks: WebhooksIn, response: Response
) -> NoticeTaken:
    """Take a notice of a provider, signed with its `webhookSecret`; without one set, this is 404.

    What is kept of the tracks is asked for anew, and the tracks are synced, in the background. The same signature
    again, or the same `id`, is answered with 200 and does nothing. Soundstripe may use its own names of the headers,
    `X-Soundstripe-Signature` and `X-Soundstripe-Timestamp`.
    """
    is_new = await webhooks.receive(provider, signed)
    if not is_new:
        response.status_code = 200
    return NoticeTaken(duplicate=not is_new)
