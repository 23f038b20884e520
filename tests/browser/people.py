"""What people do on the pages."""

import re

from playwright.async_api import Locator, Page, expect


async def sign_in(page: Page, who: str) -> None:
    """Through the panel, as somebody of the demo: Listener, New listener, Artist, Admin."""
    await page.locator("#who").click()
    await page.get_by_role("button", name=re.compile(f"^{who}")).click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


def song(page: Page, title: str) -> Locator:
    """The row of a song."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=title))


def plays(page: Page, title: str) -> Locator:
    """The number of plays that a song shows."""
    return song(page, title).locator(".plays b")


async def open_player(page: Page, who: str | None = None) -> None:
    """The player, connected, with its songs, perhaps as somebody."""
    await page.goto("/")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    await expect(page.get_by_role("heading", name="First Light")).to_be_visible()
    if who:
        await sign_in(page, who)


async def play_until_counted(page: Page, title: str) -> None:
    """Play a song until the page says that it was counted."""
    await song(page, title).get_by_role("button", name=f"Play {title}").click()
    await expect(page.locator("#bar-standing")).to_have_text("✓ Counted once")
