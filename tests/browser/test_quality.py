"""Every page: no barriers in both schemes, nothing too wide, light enough, and painted soon."""

import gzip
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Page

from tests.browser.conftest import NewContext
from tests.browser.looking import barriers_in_both_schemes, wider_than_the_window
from tests.browser.people import open_player, play_until_counted

PAGES = ("/", "/dashboard", "/admin", "/watch")
BUDGET_BYTES = 120 * 1024
PAINT_MS = 1_000
VISITS = 10
# What a page of one word takes on two cores with nothing else to do; a machine that is slower is given as much more.
WORD_MS = 150
FIRST_PAINT = """new Promise((found) => new PerformanceObserver((list) =>
  list.getEntriesByName("first-contentful-paint").forEach((one) => found(one.startTime))
).observe({ type: "paint", buffered: true }))"""
Songs = Mapping[str, str]


async def test_the_player_has_no_barriers(page: Page, songs: Songs) -> None:
    await open_player(page)
    assert await barriers_in_both_schemes(page) == {}
    await page.get_by_role("button", name="Listen as somebody new").click()
    await play_until_counted(page, "Paper Boats")
    assert await barriers_in_both_schemes(page) == {}
    await page.locator("#who").click()
    assert await barriers_in_both_schemes(page) == {}


@pytest.mark.parametrize("path", PAGES[1:])
async def test_other_pages_have_no_barriers_for_whoever_is_signed_out(page: Page, path: str) -> None:
    await page.goto(path, wait_until="networkidle")
    assert await barriers_in_both_schemes(page) == {}


async def test_nothing_is_wider_than_the_window(page: Page, songs: Songs) -> None:
    for path in PAGES:
        await page.goto(path, wait_until="networkidle")
        assert await wider_than_the_window(page) == [], path
    await open_player(page, "New listener")
    await play_until_counted(page, "Paper Boats")
    assert await wider_than_the_window(page) == []


@pytest.mark.parametrize("path", PAGES)
async def test_script_and_style_are_light(page: Page, api: httpx.AsyncClient, path: str) -> None:
    await page.goto(path, wait_until="networkidle")
    loaded = await page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    paths = {urlsplit(address).path for address in loaded}
    files = sorted(one for one in paths if re.search(r"\.(js|css)$", one))
    assert len(files) > 5
    total = sum([len(gzip.compress((await api.get(one)).content)) for one in files])
    assert total < BUDGET_BYTES, files


async def test_the_player_is_painted_before_its_data(new_context: NewContext, songs: Songs) -> None:
    # One of some first visits: what else the machine does at the moment is not the page's.
    visits: list[tuple[float, float]] = []
    word = await first_paint(new_context, "/word")
    while not any(painted < allowed for painted, allowed in visits):
        assert len(visits) < VISITS, visits
        painted, before = await first_paint(new_context, "/"), word
        word = await first_paint(new_context, "/word")
        visits.append((painted, PAINT_MS * max(1.0, min(before, word) / WORD_MS)))


async def first_paint(new_context: NewContext, path: str) -> float:
    """When a first visit sees something, in ms, while no call is answered; `/word` is a page of one word."""
    page = await (await new_context()).new_page()
    await page.route("**/api/**", lambda _route: None)
    await page.route("**/word", lambda route: route.fulfill(body="<!doctype html><p>word", content_type="text/html"))
    await page.goto(path, wait_until="commit")
    painted: float = await page.evaluate(FIRST_PAINT)
    await page.unroute_all(behavior="ignoreErrors")
    return painted


async def test_loading_moves_nothing(page: Page, songs: Songs) -> None:
    await page.add_init_script(
        "globalThis.shifts = 0; new PerformanceObserver((list) => list.getEntries().forEach((one) => {"
        "  if (!one.hadRecentInput) globalThis.shifts += one.value; })).observe({type: 'layout-shift', buffered: true})"
    )
    await open_player(page)
    await page.evaluate("document.fonts.ready")
    assert await page.evaluate("globalThis.shifts") < 0.02
