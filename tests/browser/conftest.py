"""A real Chromium, and pages of the served app; what a page complains of fails its test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from app.clock import SystemClock
from app.demo.audio import write_melody
from app.demo.catalogue import AUDIO_PATH, DEMO_ARTIST_ID, DEMO_SONGS, audio_folder
from app.jobs.schedule import jobs_of
from app.main import assemble
from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.browser.chromium import find_chromium
from tests.browser.complaints import Complaints
from tests.conftest import DATABASE
from tests.serving import bearer, served, settings_for

# A browser without a window says that it has none, and is taken for a program.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
NEVER = "0 0 29 2 *"
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--headless=shell",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)

NewContext = Callable[..., Awaitable[BrowserContext]]
"""Makes a context: a person with storage of their own. Takes what Playwright's `new_context` takes."""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    chromium = find_chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(
            executable_path=chromium.program, args=list(_ARGUMENTS), env=dict(chromium.environment)
        )
        yield running
        await running.close()


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the audio of the demo lies."""
    folder = tmp_path_factory.mktemp("pages")
    audio_folder(folder).mkdir()
    for song in DEMO_SONGS:
        write_melody(audio_folder(folder) / f"{song.slug}.wav", song.notes, song.note_ms, song.seconds)
    return folder


@pytest.fixture(scope="session")
async def address(mongod: str, migrated: Mongo, data_dir: Path) -> AsyncIterator[str]:
    """The app as it is in development, whose jobs leave the data of tests alone."""
    settings = settings_for(mongod, DATABASE, data_dir=data_dir, rate_limit_enabled=False)
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr("app.main.jobs_of", lambda house: [replace(job, cron=NEVER) for job in jobs_of(house)])
        app = assemble(settings, SystemClock())
    async with served(app) as address:
        yield address


@pytest.fixture
async def api(address: str, mongo: Mongo) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app, over an empty database."""
    async with httpx.AsyncClient(base_url=address, timeout=20) as client:
        yield client


@pytest.fixture
async def songs(api: httpx.AsyncClient) -> Mapping[str, str]:
    """The ids of the demo songs, by slug; there is nothing else in the database."""
    ids = {}
    for song in DEMO_SONGS:
        draft = {
            "slug": song.slug,
            "title": song.title,
            "artist": song.artist,
            "artistId": DEMO_ARTIST_ID,
            "audioUrl": f"{AUDIO_PATH}/{song.slug}.wav",
            "duration": song.seconds * 1000,
        }
        added = await api.post("/api/admin/copyright-free", json=draft, headers=bearer("admin-1", Role.ADMIN))
        ids[song.slug] = added.json()["data"]["id"]
    return ids


@pytest.fixture
def complaints() -> Complaints:
    """What pages complain of; a test that expects something says so with `complaints.expect`."""
    return Complaints()


@pytest.fixture
async def new_context(browser: Browser, address: str, complaints: Complaints) -> AsyncIterator[NewContext]:
    contexts: list[BrowserContext] = []

    async def make(**options: object) -> BrowserContext:
        given = {
            "base_url": address,
            "user_agent": USER_AGENT,
            "locale": "en-GB",
            "viewport": {"width": 1280, "height": 860},
        }
        context = await browser.new_context(**(given | options))
        context.set_default_timeout(PATIENCE_MS)
        await complaints.hear(context)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        await context.close()
    complaints.require_none()


@pytest.fixture
async def context(new_context: NewContext) -> BrowserContext:
    return await new_context()


@pytest.fixture
async def page(context: BrowserContext, mongo: Mongo) -> Page:
    """A window of its own, over an empty database."""
    return await context.new_page()
