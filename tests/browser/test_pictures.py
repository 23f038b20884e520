"""Takes the pictures of the documentation, when PLAYLEDGER_PICTURES says where to: `docs`, or a folder."""

import os
from collections.abc import Mapping

import httpx
import pytest
from playwright.async_api import Page

from tests.browser.looking import picture
from tests.browser.people import open_player, play_until_counted, song
from tests.serving import bearer

pytestmark = pytest.mark.skipif("PLAYLEDGER_PICTURES" not in os.environ, reason="pictures are taken when asked for")

LISTENERS = {
    "first-light": 42,
    "paper-boats": 37,
    "count-me-in": 28,
    "slow-harbour": 19,
    "northern-tram": 31,
    "once-only": 11,
}
SHAPES = {"light": ("light", 1280, 860), "dark": ("dark", 1280, 860), "phone": ("light", 360, 740)}


async def listen(api: httpx.AsyncClient, songs: Mapping[str, str]) -> None:
    """Let people play the songs, and some of them like or bookmark what they hear."""
    for slug, listeners in LISTENERS.items():
        address = f"/api/audio/copyright-free/{songs[slug]}"
        for number in range(listeners):
            headers = bearer(f"listener-{number}")
            await api.post(f"{address}/view", json={"isComplete": True}, headers=headers)
            if number % 3 == 0:
                await api.put(f"{address}/like", headers=headers)
            if number % 7 == 0:
                await api.put(f"{address}/bookmark", headers=headers)


async def test_the_player(page: Page, api: httpx.AsyncClient, songs: Mapping[str, str]) -> None:
    await listen(api, songs)
    await open_player(page, "New listener")
    await song(page, "Once Only").get_by_role("button", name="Like").click()
    await play_until_counted(page, "Northern Tram")
    await page.mouse.move(0, 0)
    for name, (scheme, width, height) in SHAPES.items():
        await page.set_viewport_size({"width": width, "height": height})
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await picture(page, f"player-{name}")
