"""`EpisodeTracker` and `subscribeToEpisode` with a stand-in for YouTube's player, against the service itself."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import BrowserContext, Page, Route

from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.browser.blank import blank
from tests.browser.complaints import Complaints
from tests.serving import member, token

PLAYER = Path(__file__).with_name("seeking_player.js")
OPEN = """async ({ episodeId, token }) => {
  const { EpisodeTracker } = await import("/assets/client/index.js");
  window.told = [];
  window.failed = [];
  window.tracker = new EpisodeTracker(document.querySelector("main"), {
    episodeId,
    tenant: "north",
    getToken: async () => token,
    scriptUrl: "/player.js",
    onState: (state) => (window.state = state),
    onAnswer: ({ call, body, answer }) => told.push([call, answer.status, body]),
    onError: (error) => failed.push(error),
  });
  await tracker.ready;
}"""
WATCH = """async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const until = async (position) => { while (player.getCurrentTime() < position) await wait(5); };
  player.playVideo();
  await until(3);
  player.seekTo(100);
  await wait(50);
  player.setPlaybackRate(2);
  await until(104);
  player.pauseVideo();
  await wait(700);
  player.seekTo(1);
  await wait(100);
  player.setPlaybackRate(1);
  player.playVideo();
  await until(3);
  player.seekTo(599);
  await wait(1200);
}"""


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
    """A page with the player in it, which nobody has started yet."""

    async def answer(route: Route) -> None:
        await route.fulfill(content_type="text/javascript", body=PLAYER.read_text())

    await context.route("**/player.js", answer)
    page = await blank(context, "<main></main>")
    await page.evaluate(OPEN, {"episodeId": episode, "token": token("u1", tenants=[tenant])})
    return page


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

    await page.evaluate(WATCH)
    await page.wait_for_function("told.some(([call, status]) => call === 'complete' && status === 200)")
    # Played: 0 to 3, 100 to 104 twice as fast, 1 to 3 once more, 599 to 600.
    state = await page.evaluate("state")
    assert abs(state["totalSeconds"] - 10) < 0.9
    assert abs(state["uniqueSeconds"] - 8) < 0.9
    view = await view_of(mongo)
    assert (view["completed"], abs(view["total_seconds"] - 10) < 0.9) == (True, True)
    assert await page.evaluate("[failed, told.filter(([call]) => call === 'heartbeat').length <= 4]") == [[], True]


async def test_a_closed_tab_reports_the_rest(context: BrowserContext, mongo: Mongo, episode: int) -> None:
    page = await opened(context, episode)
    await page.evaluate("player.playVideo()")
    await page.wait_for_function("told.length && state.totalSeconds > 2")
    await page.close()
    await (await context.new_page()).wait_for_timeout(300)
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
