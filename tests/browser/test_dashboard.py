"""The artist's dashboard: what players have sent, in numbers, live, and as a file."""

import asyncio
import csv
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page, expect

from app.demo.catalogue import DEMO_ARTIST_ID
from app.models.identity import Role
from tests.browser.complaints import Complaints
from tests.browser.conftest import USER_AGENT
from tests.browser.people import sign_in
from tests.serving import bearer

Songs = Mapping[str, str]


def event(number: int, track: str, hours_ago: float = 30, **fields: object) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    common = {"eventId": f"e-{number}", "trackId": track, "sessionId": f"s-{number % 5}", "timestamp": at.isoformat()}
    play = {"type": "play", "source": "search", "duration": 12, "completionRate": 60, "skipped": False}
    return common | (fields if "type" in fields else play | fields)


async def send(api: httpx.AsyncClient, *events: Mapping[str, object]) -> None:
    answer = await api.post("/api/stats/events", json=list(events), headers={"User-Agent": USER_AGENT})
    assert (answer.status_code, answer.json()["accepted"]) == (200, len(events)), answer.text


@pytest.fixture
async def heard(api: httpx.AsyncClient, songs: Songs) -> None:
    """Twelve plays of two songs and some reactions, of an artist."""
    artist = {"id": DEMO_ARTIST_ID, "userId": DEMO_ARTIST_ID, "name": "The Demo House Band"}
    added = await api.post("/api/admin/artists", json=artist, headers=bearer("admin-1", Role.ADMIN))
    assert added.status_code == 201
    plays = [event(number, "first-light" if number < 8 else "paper-boats") for number in range(12)]
    await send(
        api,
        *plays,
        event(20, "first-light", type="like", action="like"),
        event(21, "first-light", type="share", platform="whatsapp"),
    )


def tile(page: Page, name: str) -> Locator:
    """The number of a tile."""
    return page.locator(".tile").filter(has=page.get_by_text(name, exact=True)).locator(".tile-value")


async def open_dashboard(page: Page) -> None:
    await page.goto("/dashboard")
    await page.get_by_role("button", name="Look around as the demo artist").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("The Demo House Band")


async def test_every_number_is_what_was_sent(page: Page, heard: None) -> None:
    await open_dashboard(page)
    for name, number in {"Plays": "12", "Listeners": "5", "Likes": "1", "Shares": "1", "Saves": "0"}.items():
        await expect(tile(page, name)).to_have_text(number)
    await expect(page.locator("#sources")).to_contain_text("Search12 100%")
    await expect(page.locator("#platforms")).to_contain_text("WhatsApp1 100%")
    await expect(page.get_by_role("row").filter(has_text="First Light").first).to_contain_text("8")
    await expect(page.locator("#course canvas")).to_be_visible()
    await page.get_by_text("24 h", exact=True).click()
    await expect(page.locator("#course")).to_contain_text("Nothing in this range")
    await expect(tile(page, "Plays")).to_have_text("0")


async def test_one_track_and_another_metric(page: Page, heard: None) -> None:
    await open_dashboard(page)
    await page.get_by_label("Track", exact=True).select_option("Paper Boats")
    await page.get_by_text("As a table").click()
    chart = page.get_by_role("region", name=re.compile("Plays and listeners: Paper Boats"))
    await expect(chart.get_by_role("row").filter(has_text=re.compile(r"4$"))).to_have_count(1)
    await page.get_by_text("Reactions", exact=True).click()
    await expect(page.locator("#course")).to_contain_text("Nothing in this range")


async def test_a_play_shows_while_the_page_is_open(page: Page, api: httpx.AsyncClient, heard: None) -> None:
    await open_dashboard(page)
    await expect(page.locator("#live")).to_have_text("Live")
    await send(api, event(30, "slow-harbour", 0.01))
    await expect(page.locator(".feed li").first).to_contain_text("Slow Harbour")
    await expect(tile(page, "Plays")).to_have_text("13")


async def test_the_course_as_a_file(page: Page, heard: None) -> None:
    await open_dashboard(page)
    await expect(tile(page, "Plays")).to_have_text("12")
    async with page.expect_download() as downloading:
        await page.locator("#csv-course").click()
    download = await downloading.value
    assert download.suggested_filename == "timeseries-30d-day.csv"
    text = await asyncio.to_thread(Path(await download.path()).read_text)
    assert sum(int(line["totalPlays"]) for line in csv.DictReader(text.splitlines())) == 12


async def test_who_is_no_artist_is_told_so(page: Page, complaints: Complaints) -> None:
    complaints.expect("404")
    await page.goto("/dashboard")
    await expect(page.get_by_role("heading", name="Your listeners are waiting")).to_be_visible()
    await sign_in(page, "Listener")
    await expect(page.get_by_role("heading", name="No artist profile")).to_be_visible()
    await expect(page.locator("#board")).to_be_hidden()


async def test_a_failure_is_said_and_tried_again(page: Page, heard: None, complaints: Complaints) -> None:
    complaints.expect("503")
    fault = {"success": False, "error": "The database is away, please try again", "code": "UNAVAILABLE"}

    async def refuse(route: Any) -> None:
        await route.fulfill(status=503, content_type="application/json", body=json.dumps(fault))

    await page.route("**/api/dashboard/analytics*", refuse)
    await page.goto("/dashboard")
    await page.get_by_role("button", name="Look around as the demo artist").click()
    await expect(page.locator("#course")).to_contain_text("The database is away, please try again")
    await page.unroute_all(behavior="wait")
    await page.locator("#course").get_by_role("button", name="Try again").click()
    await expect(tile(page, "Plays")).to_have_text("12")
