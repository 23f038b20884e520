"""Looks at pages: barriers for people, what does not fit, and pictures."""

import os
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from tests.browser.chromium import AXE

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SCHEMES = ("light", "dark")
WIDTHS = (320, 360, 768, 1280, 1600)
_LOOKS = 60
_SERIOUS = {"serious", "critical"}


async def barriers(page: Page) -> list[str]:
    """What axe finds serious on a page, each with the places where it is."""
    # Evaluated, not added as a script: the policy of the page lets no inline script in.
    await page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = await page.evaluate("axe.run().then((result) => result.violations)")
    return [
        f"{one['id']}: {one['help']} at {[node['target'] for node in one['nodes']]}"
        for one in found
        if one["impact"] in _SERIOUS
    ]


async def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


async def barriers_in_both_schemes(page: Page) -> dict[str, list[str]]:
    found = {}
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found[scheme] = await barriers(page)
    return {scheme: faults for scheme, faults in found.items() if faults}


async def wider_than_the_window(page: Page) -> list[int]:
    """The widths of windows that a page does not fit into."""
    found = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 740})
        if not await _settles(page):
            found.append(width)
    return found


async def _settles(page: Page) -> bool:
    """Whether the page fits once its charts, which hear of a new width later than the layout, are drawn anew."""
    for _ in range(_LOOKS):
        if await overflow(page) <= 0:
            return True
        await page.wait_for_timeout(50)
    return False


async def picture(page: Page, name: str, *, full_page: bool = False) -> None:
    """Take a picture for the documentation, when PLAYLEDGER_PICTURES asks for it: a folder, or `docs`."""
    wanted = os.environ.get("PLAYLEDGER_PICTURES")
    if wanted:
        await page.emulate_media(reduced_motion="reduce")
        folder = IMAGES if wanted == "docs" else Path(wanted)
        await page.screenshot(path=folder / f"{name}.png", full_page=full_page)
