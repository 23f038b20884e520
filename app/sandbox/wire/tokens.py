"""What OAuth2 token endpoints have in common."""

from urllib.parse import parse_qsl

from starlette.requests import Request

FORM = "application/x-www-form-urlencoded"


async def form_of(request: Request) -> dict[str, str] | None:
    """The fields of a form; `None` when the body is something else."""
    if not request.headers.get("content-type", "").startswith(FORM):
        return None
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


def bearer_of(request: Request) -> str | None:
    """The token of `Authorization: Bearer`, when there is one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else None
