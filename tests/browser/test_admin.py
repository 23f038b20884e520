"""The page of admins: whether it adds up, what runs, and what can be ordered."""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

from app.models.identity import Role
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from app.services.licensing.access.provider_setups import READ_EVERY
from tests.browser.people import sign_in
from tests.browser.test_dashboard import event, heard, send, tile
from tests.licensing.sandbox import Sandbox
from tests.serving import bearer

__all__ = ["heard"]

SYNC_MS = 60_000
PROVIDERS = "/api/admin/music-licensing/providers"
Songs = Mapping[str, str]


@pytest.fixture
async def soundstripe(api: httpx.AsyncClient, sandbox: Sandbox) -> Sandbox:
    """A provider that may be copied, at the sandbox, and known to be."""
    name = ProviderName.SOUNDSTRIPE
    setup = {"enabled": True, "baseUrl": sandbox.base_urls[name], "credentials": sandbox.credentials[name]}
    changed = await api.put(f"{PROVIDERS}/{name.value}", json=setup, headers=bearer("admin-1", Role.ADMIN))
    assert changed.status_code == 200, changed.text
    await asyncio.sleep(READ_EVERY.total_seconds())
    return sandbox


async def open_admin(page: Page) -> None:
    await page.goto("/admin")
    await page.get_by_role("button", name="Look around as the demo admin").click()
    await expect(page.locator("#job-list table")).to_be_visible()


async def test_it_is_for_admins(page: Page, mongo: Mongo) -> None:
    await page.goto("/admin")
    await expect(page.locator("#gate")).to_contain_text("Sign in as an admin")
    await sign_in(page, "Artist")
    await expect(page.locator("#gate")).to_contain_text("has not the role admin")
    await expect(page.locator("#board")).to_be_hidden()


async def test_sums_bots_and_rates(page: Page, api: httpx.AsyncClient, heard: None) -> None:
    crawler = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
    await api.post("/api/stats/events", json=[event(40, "first-light")], headers=crawler)
    await open_admin(page)
    await expect(tile(page, "Plays")).to_have_text("12")
    await expect(tile(page, "Raw events")).to_have_text("15")
    await expect(tile(page, "Drift")).to_have_text("0")
    await expect(page.locator("#drift")).to_contain_text("Everything adds up")
    await expect(page.locator("#bots")).to_contain_text("Googlebot1 100%")
    await expect(page.locator("#tile-lag")).to_contain_text("2 days of 2 tracks due")
    before = await page.locator("#tile-events .tile-foot").text_content()
    await send(api, *(event(number, "first-light", 0.01) for number in range(50, 90)))
    await expect(page.locator("#tile-events .tile-foot")).not_to_have_text(before or "")
    await expect(tile(page, "Events a second")).not_to_have_text("0")


async def test_what_does_not_add_up_is_shown(page: Page, heard: None, mongo: Mongo) -> None:
    await mongo.db["tracks"].update_one({"playCount": 8}, {"$inc": {"playCount": 3}})
    await open_admin(page)
    await expect(tile(page, "Drift")).to_have_text("3")
    await expect(page.locator("#drift")).to_contain_text("playCount: 11 stored, 8 counted")
    await mongo.db["tracks"].update_one({"playCount": 11}, {"$inc": {"playCount": -3}})
    await page.get_by_role("button", name="Check again").click()
    await expect(tile(page, "Drift")).to_have_text("0")


async def test_a_job_is_run_after_a_question(page: Page, heard: None) -> None:
    await open_admin(page)
    await page.get_by_role("button", name="Run now: reconcile", exact=True).click()
    dialog = page.get_by_role("dialog", name="Run reconcile now?")
    await dialog.get_by_role("button", name="Run now").click()
    await expect(dialog).to_contain_text("Done")
    await expect(dialog).to_contain_text("songs6")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name="reconcile", exact=True))
    await expect(row).to_contain_text("done")
    await row.get_by_role("button", name="reconcile", exact=True).click()
    await expect(page.get_by_role("dialog", name="reconcile")).to_contain_text("songs 6, drifting 0, drift 0")


async def test_a_sync_is_followed_to_its_end(page: Page, soundstripe: Sandbox) -> None:
    await open_admin(page)
    await expect(page.locator("#providers").get_by_role("article").first).to_contain_text("Soundstripe")
    await page.get_by_label("Catalogue", exact=True).select_option("Soundstripe")
    await page.get_by_role("button", name="Start", exact=True).click()
    await expect(page.locator("#syncs li")).to_contain_text("completed", timeout=SYNC_MS)
    await expect(page.locator("#syncs li")).to_contain_text("2,000 new")
    card = page.locator("#providers").get_by_role("article").filter(has_text="Soundstripe")
    await expect(card).to_contain_text("Answers")
    await expect(card).to_contain_text(re.compile(r"Calls a day[1-9]\d* of 10,000"))


async def test_a_sync_is_cancelled(page: Page, soundstripe: Sandbox) -> None:
    await soundstripe.delay("soundstripe", 900)
    await open_admin(page)
    await page.get_by_label("Catalogue", exact=True).select_option("Soundstripe")
    await page.get_by_role("button", name="Start", exact=True).click()
    await page.get_by_role("button", name="Cancel the sync of soundstripe").click()
    await page.get_by_role("button", name="Cancel the sync", exact=True).click()
    await expect(page.locator("#syncs li")).to_contain_text("cancelled")
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_licences_that_end_are_counted_down(page: Page, api: httpx.AsyncClient) -> None:
    ends = (datetime.now(UTC).replace(microsecond=0)).isoformat()
    terms = {"type": "single-project", "expiresAt": ends}
    changed = await api.put(f"{PROVIDERS}/hooksounds/license-terms", json=terms, headers=bearer("a", Role.ADMIN))
    assert changed.status_code == 200, changed.text
    await open_admin(page)
    await expect(page.locator("#licences")).to_contain_text("ended")
    await page.get_by_role("button", name="Check now").click()
    await expect(page.locator("#licences")).to_contain_text("Checked 1")


async def test_the_series_as_a_file(page: Page, heard: None) -> None:
    await open_admin(page)
    async with page.expect_download() as downloading:
        await page.locator("#csv").click()
    download = await downloading.value
    text = await asyncio.to_thread(Path(await download.path()).read_text)
    assert text.startswith("start,totalPlays")
