"""Both boards, filled: no barriers in both schemes, nothing too wide, light, still; and their pictures."""

import gzip
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Page, expect

from app.repositories.mongo import Mongo
from tests.browser.boards import ask_providers, listen_on, load_demo
from tests.browser.looking import barriers, picture, wider_than_the_window
from tests.browser.test_admin import open_admin
from tests.browser.test_dashboard import open_dashboard
from tests.licensing.sandbox import Sandbox

GO = "place => { document.activeElement.blur(); document.querySelector(place).scrollIntoView(); }"
BUDGET_BYTES = 120 * 1024
SHAPES = {"light": ("light", 1280, 860), "dark": ("dark", 1280, 860), "phone": ("light", 360, 740)}
SHIFTS = (
    "globalThis.shifts = []; new PerformanceObserver((list) => list.getEntries().forEach((one) => {"
    "  if (!one.hadRecentInput) globalThis.shifts.push([one.value, one.sources.map((at) => at.node?.id ?? '')]); }))"
    ".observe({type: 'layout-shift', buffered: true})"
)


async def require_quality(page: Page, api: httpx.AsyncClient) -> None:
    """Everything that a filled page owes to whoever looks at it."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert await barriers(page) == [], scheme
    assert await wider_than_the_window(page) == []
    await require_light(page, api)


async def take_pictures(page: Page, name: str, place: str = "body") -> None:
    for shape, (scheme, width, height) in SHAPES.items():
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.mouse.move(0, 0)
        await page.evaluate(GO, place)
        await picture(page, f"{name}-{shape}")


async def require_light(page: Page, api: httpx.AsyncClient) -> None:
    """Script and style within the budget, charts and Socket.IO among them."""
    loaded = await page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)")
    files = sorted({path for path in map(path_of, loaded) if re.search(r"\.(js|css)$", path)})
    assert any("uPlot" in path for path in files)
    assert sum([len(gzip.compress((await api.get(path)).content)) for path in files]) < BUDGET_BYTES, files


def path_of(address: str) -> str:
    return urlsplit(address).path


async def require_stillness(page: Page) -> None:
    """Loading it again as who is signed in already moves next to nothing."""
    await page.add_init_script(SHIFTS)
    await page.reload()
    # Not until the network is idle: the page asks again and again.
    await expect(page.locator("#course canvas")).to_be_visible()
    await expect(page.locator("[aria-busy=true], #board .skeleton")).to_have_count(0)
    shifts = await page.evaluate("globalThis.shifts")
    assert sum(value for value, _where in shifts) < 0.1, shifts


@pytest.fixture
async def demo(mongod: str, mongo: Mongo, data_dir: Path) -> None:
    await load_demo(mongod, data_dir)


async def test_the_dashboard(page: Page, api: httpx.AsyncClient, demo: None) -> None:
    await open_dashboard(page)
    await expect(page.locator("#course canvas")).to_be_visible()
    await require_stillness(page)
    await expect(page.locator("#course canvas")).to_be_visible()
    await require_quality(page, api)
    await take_pictures(page, "dashboard")


async def test_the_page_of_admins(page: Page, api: httpx.AsyncClient, demo: None, sandbox: Sandbox) -> None:
    await ask_providers(api, sandbox)
    await open_admin(page)
    await require_stillness(page)
    await expect(page.locator("#syncs")).to_contain_text("completed")
    await expect(page.locator("#course canvas")).to_be_visible()
    await page.get_by_role("button", name="Run now: rollups", exact=True).click()
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="rollups", exact=True).click()
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    await require_quality(page, api)
    if "PLAYLEDGER_PICTURES" in os.environ:
        await listen_on(api)
        await take_pictures(page, "admin")
        await take_pictures(page, "admin-licensing", "#licensing")
