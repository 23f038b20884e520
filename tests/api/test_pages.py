"""The pages and their files: what they may load, how long they may be kept, and who may sign in without a password."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from app.clock import SystemClock
from app.main import assemble
from app.web import SCRIPTS, STYLES
from tests.conftest import DATABASE
from tests.serving import served, settings_for

PAGES = ("/", "/dashboard", "/admin", "/watch", "/watch/7")
TOKENS = "/api/demo/tokens"


@pytest.fixture
async def production(mongod: str, migrated: object) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings_for(mongod, DATABASE, app_env="production", cors_origins=("https://app.example.com",))
    async with (
        served(assemble(settings, SystemClock())) as address,
        httpx.AsyncClient(base_url=address, timeout=20) as client,
    ):
        yield client


def directives(answer: httpx.Response) -> dict[str, list[str]]:
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_may_load_what_is_ours_and_no_inline_code(api: httpx.AsyncClient, path: str) -> None:
    page = await api.get(path)
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = directives(page)
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert "'self'" in policy["script-src"]
    assert not any("unsafe" in value for values in policy.values() for value in values)
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page.text) == []


async def test_only_the_page_with_the_official_player_may_load_youtube(api: httpx.AsyncClient) -> None:
    for path in PAGES:
        page = await api.get(path)
        with_youtube = any("youtube" in value for values in directives(page).values() for value in values)
        assert with_youtube is path.startswith("/watch"), path
        assert page.headers["Referrer-Policy"] == ("strict-origin-when-cross-origin" if with_youtube else "same-origin")


@pytest.mark.parametrize("path", PAGES)
async def test_everything_that_a_page_names_is_there(api: httpx.AsyncClient, path: str) -> None:
    page = await api.get(path)
    assets = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.text)
    assert len(assets) > 5
    for asset in assets:
        assert (await api.get(asset)).status_code == 200, asset
    assert page.text.count('aria-current="page"') == 1
    assert "<!-- head" not in page.text


async def test_files_say_how_long_they_may_be_kept(api: httpx.AsyncClient) -> None:
    ours = await api.get("/assets/scripts/shared/api.js")
    assert ours.headers["Content-Type"].startswith("text/javascript")
    assert ours.headers["Cache-Control"] == "no-cache"
    assert ours.headers["X-Content-Type-Options"] == "nosniff"
    assert directives(ours) == {"default-src": ["'none'"]}
    again = await api.get("/assets/scripts/shared/api.js", headers={"If-None-Match": ours.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    vendored = await api.get("/assets/vendor/uplot-1.6.32/uPlot.iife.min.js")
    assert "immutable" in vendored.headers["Cache-Control"]


async def test_nothing_but_what_pages_load_is_served(api: httpx.AsyncClient) -> None:
    for path in ("/assets/pages/player.html", "/assets/__init__.py", "/assets/scripts/../pages/head.html", "/assets/"):
        assert (await api.get(path)).status_code == 404, path


def test_scripts_are_short_and_name_what_they_are() -> None:
    scripts = {path: path.read_text() for path in (*SCRIPTS.rglob("*.js"), *STYLES.rglob("*.css"))}
    assert [path for path, text in scripts.items() if not text.startswith(("/*", "//"))] == []
    assert {path: text.count("\n") for path, text in scripts.items() if text.count("\n") > 320} == {}


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "as"), ({"as": "god"}, "as"), ({"as": 1}, "as"), ({"as": "admin", "userId": "me"}, "userId"), ([], "body")],
)
async def test_a_demo_token_is_for_somebody_of_the_demo(api: httpx.AsyncClient, body: object, field: str) -> None:
    refused = await api.post(TOKENS, json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")
    assert [fault["field"] for fault in refused.json()["errors"]] == [field]


async def test_a_demo_token_opens_what_its_role_opens(api: httpx.AsyncClient) -> None:
    status = {}
    for who in ("listener", "artist", "admin"):
        minted = (await api.post(TOKENS, json={"as": who})).json()
        assert set(minted) == {"token", "userId", "expiresAt"}
        headers = {"Authorization": f"Bearer {minted['token']}"}
        assert (await api.get("/api/me/views", headers=headers)).status_code == 200
        status[who] = (await api.get("/api/admin/jobs", headers=headers)).status_code
    assert status == {"listener": 403, "artist": 403, "admin": 200}


async def test_a_guest_is_somebody_else_each_time(api: httpx.AsyncClient) -> None:
    users = {(await api.post(TOKENS, json={"as": "guest"})).json()["userId"] for _ in range(3)}
    assert len(users) == 3


async def test_production_mints_no_token_and_its_pages_offer_none(production: httpx.AsyncClient) -> None:
    for body in ({"as": "admin"}, {}, None):
        refused = await production.post(TOKENS, json=body)
        assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")
    assert (await production.get(TOKENS)).status_code == 404
    for path in PAGES:
        assert 'data-sign-in="token"' in (await production.get(path)).text


async def test_development_pages_offer_demo_tokens(api: httpx.AsyncClient) -> None:
    assert 'data-sign-in="demo"' in (await api.get("/")).text
