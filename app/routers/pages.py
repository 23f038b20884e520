"""The pages: `/`, `/dashboard`, `/admin` and `/watch/{episodeId}`."""

from functools import cache
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from app.routers.page_policy import PAGE_HEADERS, WATCH_HEADERS
from app.routers.routing import Router
from app.web import PAGES

router = Router(include_in_schema=False, default_response_class=HTMLResponse)

_SHIPPED = 'data-sign-in="token"'
_WITH_DEMO = 'data-sign-in="demo"'


async def _has_demo_tokens(request: Request) -> bool:
    return request.app.state.demo_tokens is not None


HasDemoTokens = Annotated[bool, Depends(_has_demo_tokens)]


@cache
def _page(name: str, path: str, *, has_demo_tokens: bool) -> str:
    """A page with what all have in common put in; read once, because pages change with the program only."""
    text = _read(name).replace("<!-- head -->", _read("head"))
    here = _read("header").replace(f'<a href="{path}">', f'<a href="{path}" aria-current="page">')
    text = text.replace("<!-- header -->", here)
    return text.replace(_SHIPPED, _WITH_DEMO) if has_demo_tokens else text


def _read(name: str) -> str:
    return (PAGES / f"{name}.html").read_text(encoding="utf-8").strip()


@router.get("/")
async def player(has_demo_tokens: HasDemoTokens) -> HTMLResponse:
    """The catalogue, to be played, with live counts."""
    return HTMLResponse(_page("player", "/", has_demo_tokens=has_demo_tokens), headers=PAGE_HEADERS)


@router.get("/dashboard")
async def dashboard(has_demo_tokens: HasDemoTokens) -> HTMLResponse:
    """What an artist's listeners do."""
    return HTMLResponse(_page("dashboard", "/dashboard", has_demo_tokens=has_demo_tokens), headers=PAGE_HEADERS)


@router.get("/admin")
async def admin(has_demo_tokens: HasDemoTokens) -> HTMLResponse:
    """What goes on in the service."""
    return HTMLResponse(_page("admin", "/admin", has_demo_tokens=has_demo_tokens), headers=PAGE_HEADERS)


@router.get("/watch")
@router.get("/watch/{episodeId}")
async def watch(has_demo_tokens: HasDemoTokens) -> HTMLResponse:
    """An episode in YouTube's player; without an id, which there are."""
    return HTMLResponse(_page("watch", "/watch", has_demo_tokens=has_demo_tokens), headers=WATCH_HEADERS)
