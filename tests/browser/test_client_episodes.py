"""`EpisodeTracker` and `subscribeToEpisode` with a stand-in for YouTube's player, against the service itself."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page

from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.browser.blank import blank
from tests.browser.complaints import Complaints
from tests.serving import member, token
from tests.waiting import eventually

PLAYER = Path(__file__).with_name("seeking_player.js")
OPEN = """async ({ episodeId, token, script }) => {
  const { EpisodeTracker } = await import("/assets/client/index.js");
  window.told = [];
  window.failed = [];
  window.tracker = new EpisodeTracker(document.querySelector("main"), {
    episodeId,
    tenant: "north",
    getToken: async () => token,
    scriptUrl: URL.createObjectURL(new Blob([script], { type: "text/javascript" })),
    onState: (state) => (window.state = state),
    onAnswer: ({ call, body, answer }) => told.push([call, answer.status, body]),
    onError: (error) => failed.push(error),
  });
  await tracker.ready;
}"""
HEARTBEATS = "told.filter(([call, status]) => call === 'heartbeat' && status === 200).length"


@pytest.fixture
async def episode(api: httpx.AsyncClient) -> int:
    """An episode of ten minutes of the tenant `north`."""

    async def add(kind: str, **body: object) -> int:
        added = await api.post(f"/api/series/{kind}/", json=body, headers=member("boss", "north", Role.ADMIN))
        return int(added.json()["id"])

    show = await add("shows", title="Harbour Lights")
    season = await add("seasons", show_id=show, season_number=1)
    return await add("episodes", season_id=season, title="Crossing", video_id="dQw4w9WgXcQ", duration_seconds=600)


async def opened(context: BrowserContext, episode: int, tenant: str = "north") -> Page:
    """A page with the player in it, which nobody has started yet.

    Its script is a blob: requests of a context with routes are held up, and lost when a tab is closed meanwhile.
    """
    page = await blank(context, "<main></main>")
    await page.evaluate(
        OPEN, {"episodeId": episode, "token": token("u1", tenants=[tenant]), "script": PLAYER.read_text()}
    )
    return page


async def watch(page: Page, act: str, until: int) -> None:
    """Do something with the player, and let it play until there."""
    await page.evaluate(f"{act}; player.playTo({until})")
    await page.wait_for_function("player.isSeenThere")


async def view_of(mongo: Mongo) -> dict[str, Any]:
    (row,) = await mongo.db["episode_views"].find({}).to_list(None)
    return dict(row)


async def test_seeks_double_speed_and_a_pause(context: BrowserContext, mongo: Mongo, episode: int) -> None:
    page = await opened(context, episode)
    assert await page.evaluate("[player.options.videoId, player.options.playerVars]") == [
        "dQw4w9WgXcQ",
        {"playsinline": 1, "origin": await page.evaluate("origin"), "autoplay": 0, "controls": 1},
    ]
    assert await mongo.db["episode_views"].count_documents({}) == 0

    await watch(page, "player.playVideo()", until=2)
    await watch(page, "player.seekTo(100)", until=101)
    await watch(page, "player.setPlaybackRate(2)", until=104)
    await page.evaluate("player.pauseVideo()")
    await page.wait_for_function(f"{HEARTBEATS} === 2")
    await page.evaluate("player.seekTo(1); player.setPlaybackRate(1)")
    await page.wait_for_function("state.position === 1 && state.playerState === YT.PlayerState.PAUSED")
    await watch(page, "player.playVideo()", until=2)
    await page.evaluate("player.seekTo(599); player.playTo(600)")
    await page.wait_for_function("told.some(([call, status]) => call === 'complete' && status === 200)")
    # Played: 0 to 2, 100 to 104 mostly twice as fast, 1 to 2 once more, 599 to 600.
    state = await page.evaluate("state")
    assert (state["totalSeconds"], state["uniqueSeconds"]) == pytest.approx((8, 7), abs=0.01)
    await page.wait_for_function(f"{HEARTBEATS} === 4")
    view = await view_of(mongo)
    assert (view["completed"], view["total_seconds"]) == (True, pytest.approx(8, abs=0.01))
    assert abs(view["unique_seconds"] - 7) <= 1  # the service counts in whole seconds
    assert await page.evaluate("failed") == []


async def test_a_closed_tab_reports_the_rest(context: BrowserContext, mongo: Mongo, episode: int) -> None:
    page = await opened(context, episode)
    # The service takes no more than twice the time that a view has been there.
    await page.evaluate("player.playVideo(); player.playTo(0.1)")
    await page.wait_for_function("told.length")
    await page.evaluate("player.playTo(600)")
    await page.wait_for_function("state.totalSeconds > 2")
    await page.close()

    async def is_reported() -> bool:
        view = await view_of(mongo)
        return bool(view["total_seconds"] and view["unique_seconds"])

    await eventually(is_reported)
    view = await view_of(mongo)
    assert (view["completed"], view["total_seconds"] > 2) == (False, True)
    assert abs(view["unique_seconds"] - view["total_seconds"]) < 1.1


async def test_what_was_watched_offline_is_reported_later(
    context: BrowserContext, mongo: Mongo, episode: int, complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    page = await opened(context, episode)
    await context.set_offline(True)
    await page.evaluate("player.playVideo()")
    await page.wait_for_function("told.length && state.totalSeconds > 2")
    await context.set_offline(False)
    await page.wait_for_function("told.some(([call, status]) => call === 'start' && status === 201)")
    await page.evaluate("player.pauseVideo()")
    await page.wait_for_function("told.some(([call, status]) => call === 'heartbeat' && status === 200)")
    assert (await view_of(mongo))["total_seconds"] > 2


async def test_strangers_hear_why(context: BrowserContext, episode: int, complaints: Complaints) -> None:
    complaints.expect("403")
    with pytest.raises(Exception, match="tenant"):
        await opened(context, episode, tenant="south")
    (failure,) = await (context.pages[0]).evaluate("failed")
    assert failure["code"] == "FORBIDDEN"
