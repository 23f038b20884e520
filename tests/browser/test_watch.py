"""Episodes: the list, and what is watched in a stand-in for YouTube's player."""

import os
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, Request, expect

from app.cli.demo_watching import seed_demo_watching
from app.clock import SystemClock
from app.config import Settings
from app.container.episodes import EpisodesWing
from app.demo.series import seed_demo_series
from app.demo.users import DEMO_TENANT
from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.browser.complaints import Complaints
from tests.browser.looking import barriers_in_both_schemes, picture, wider_than_the_window
from tests.browser.people import sign_in
from tests.serving import bearer, member, token

STAND_IN = Path(__file__).with_name("seeking_player.js")
SCRIPT = "https://www.youtube.com/iframe_api"
EPISODES = ("The Ledger of Small Sounds", "Counting Rain", "Harbour at Four")


@pytest.fixture
async def episodes(api: httpx.AsyncClient) -> list[int]:
    """The ids of three episodes of one season, as an admin of the tenant has added them."""
    headers = {
        "Authorization": f"Bearer {token('editor', Role.ADMIN, tenants=[DEMO_TENANT])}",
        "X-Tenant-Id": DEMO_TENANT,
    }

    async def add(kind: str, draft: dict[str, object]) -> int:
        added = await api.post(f"/api/series/{kind}/", json=draft, headers=headers)
        assert added.status_code == 201, added.text
        return added.json()["id"]

    show = await add("shows", {"title": "Quiet Rooms"})
    season = await add("seasons", {"show_id": show, "season_number": 1})
    return [
        await add(
            "episodes",
            {
                "season_id": season,
                "title": title,
                "video_id": "stand-in",
                "duration_seconds": 1_000,
                "episode_number": at,
            },
        )
        for at, title in enumerate(EPISODES, 1)
    ]


@pytest.fixture
async def viewer(page: Page) -> Page:
    """A window of a member, in which nobody asks YouTube for anything."""
    await page.route(SCRIPT, lambda route: route.fulfill(path=STAND_IN))
    await page.goto("/watch")
    await sign_in(page, "New listener")
    return page


async def roll_up(api: httpx.AsyncClient) -> None:
    """Let the job that makes the curves run once."""
    run = await api.post("/api/admin/jobs/episode-rollups/run", headers=bearer("admin-1", Role.ADMIN))
    assert run.is_success, run.text


async def test_a_member_finds_an_episode_and_what_is_watched_is_recorded(
    viewer: Page, episodes: list[int], mongo: Mongo, api: httpx.AsyncClient
) -> None:
    await viewer.goto("/watch")
    await viewer.get_by_role("link", name=EPISODES[0]).click()
    await expect(viewer.get_by_role("heading", name=EPISODES[0])).to_be_visible()
    await expect(viewer.get_by_text("Nothing to draw yet")).to_have_count(2)
    await viewer.get_by_role("button", name="Open the player").click()
    await expect(viewer.get_by_title(EPISODES[0])).to_be_visible()
    assert await viewer.evaluate("player.options.videoId") == "stand-in"
    await viewer.evaluate("player.playVideo(); player.playTo(1.3)")
    own = viewer.get_by_role("region", name="Your watch")
    await expect(own.locator("b").first).to_have_text("0:01")
    await viewer.evaluate("player.seekTo(0); player.playTo(2.2)")
    await expect(own.locator("b").first).to_have_text("0:03")
    await viewer.evaluate("player.pauseVideo()")
    await expect(own.get_by_role("status")).to_contain_text("Recorded")
    await expect(own.locator("b").last).to_have_text("0:02")
    await expect(viewer.get_by_text("1 watching now")).to_be_visible()
    await expect(viewer.locator(".figure").filter(has_text="Views").locator("dd")).to_have_text("1")
    await roll_up(api)
    await viewer.reload()
    await expect(viewer.locator(".u-over")).to_have_count(2)
    assert await mongo.db["episode_views"].count_documents({}) == 1
    assert await barriers_in_both_schemes(viewer) == {}
    assert await wider_than_the_window(viewer) == []


async def test_nothing_is_asked_of_youtube_before_somebody_wants_to_watch(viewer: Page, episodes: list[int]) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        if "youtube.com" in request.url:
            asked.append(request.url)

    viewer.on("request", note)
    await viewer.goto(f"/watch/{episodes[1]}")
    await expect(viewer.get_by_role("heading", name=EPISODES[1])).to_be_visible()
    await viewer.wait_for_load_state("networkidle")
    assert asked == []
    await viewer.get_by_role("button", name="Open the player").click()
    await expect(viewer.get_by_title(EPISODES[1])).to_be_visible()
    assert asked == [SCRIPT]


async def test_a_player_that_cannot_be_loaded_is_said_and_can_be_opened_again(
    viewer: Page, episodes: list[int], complaints: Complaints
) -> None:
    complaints.expect("ERR_FAILED")
    await viewer.route(SCRIPT, lambda route: route.abort())
    await viewer.goto(f"/watch/{episodes[0]}")
    await viewer.get_by_role("button", name="Open the player").click()
    await expect(viewer.get_by_role("alert")).to_contain_text("could not be loaded")
    await viewer.unroute(SCRIPT)
    await viewer.route(SCRIPT, lambda route: route.fulfill(path=STAND_IN))
    await viewer.get_by_role("button", name="Open the player").click()
    await expect(viewer.get_by_title(EPISODES[0])).to_be_visible()


async def test_strangers_and_unknown_episodes(page: Page, episodes: list[int], complaints: Complaints) -> None:
    complaints.expect("404")
    await page.goto(f"/watch/{episodes[0]}")
    await expect(page.get_by_role("heading", name="For members")).to_be_visible()
    await sign_in(page, "Artist")
    await expect(page.get_by_role("heading", name=EPISODES[0])).to_be_visible()
    for unknown in ("999999", "nothing"):
        await page.goto(f"/watch/{unknown}")
        await expect(page.get_by_role("heading", name="There is no such episode")).to_be_visible()


@pytest.mark.skipif("PLAYLEDGER_PICTURES" not in os.environ, reason="pictures are taken when asked for")
async def test_pictures_of_an_episode(viewer: Page, api: httpx.AsyncClient, mongo: Mongo) -> None:
    wing = EpisodesWing(Settings(_env_file=None), mongo, SystemClock())
    await seed_demo_series(wing.shows, wing.seasons, wing.episodes)
    await seed_demo_watching(wing, SystemClock().now())
    await wing.drain()
    await roll_up(api)
    await viewer.goto("/watch")
    await viewer.get_by_role("link", name="Sintel").click()
    await expect(viewer.locator(".u-over")).to_have_count(2)
    for number in range(3):
        await begin(api, int(viewer.url.rpartition("/")[2]), number)
    await expect(viewer.get_by_text("3 watching now")).to_be_visible()
    for name, (scheme, width) in {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 360)}.items():
        await viewer.set_viewport_size({"width": width, "height": 860})
        await viewer.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await picture(viewer, f"watch-{name}", full_page=True)


async def begin(api: httpx.AsyncClient, episode: int, number: int) -> None:
    """Somebody begins to watch an episode."""
    headers = member(f"viewer-{number}", DEMO_TENANT)
    play = (await api.get(f"/api/series/episodes/{episode}/play/", headers=headers)).json()
    start = {"playback_token": play["playback_token"], "episode_id": episode, "started_at": "2026-01-31T12:00:00Z"}
    assert (await api.post("/api/series/views/start", json=start, headers=headers)).status_code == 201
