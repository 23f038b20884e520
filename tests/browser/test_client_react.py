"""`useStats` in a real React page."""

import pytest
from playwright.async_api import BrowserContext, Page, Route

from app.repositories.mongo import Mongo
from tests.browser.blank import COLLECTOR, blank
from tests.browser.chromium import MODULES

IMPORT_MAP = '<script type="importmap">{"imports": {"react": "/react-installed.js"}}</script><main></main>'
INSTALLED = "export const { useRef, useEffect } = globalThis.React;"
MOUNT = """async () => {
  const { useStats } = await import("/assets/client/react.js");
  const { createElement: make, StrictMode, useState } = React;
  window.renders = [];
  function Player() {
    const [count, setCount] = useState(0);
    const stats = useStats({ collector, source: "playlist", playlistId: "morning", trackDuration: () => 84 });
    window.stats = stats;
    renders.push(stats.sessionId);
    return make("button", { onClick: () => setCount(count + 1) }, `Rendered ${count}`);
  }
  window.root = ReactDOM.createRoot(document.querySelector("main"));
  root.render(make(StrictMode, null, make(Player)));
}"""


@pytest.fixture
async def player(context: BrowserContext, mongo: Mongo) -> Page:
    """A component that uses the hook, mounted twice as strict React does."""
    await mongo.db["tracks"].insert_one({"_id": "t1", "title": "One", "duration": 84})

    async def react(route: Route) -> None:
        await route.fulfill(content_type="text/javascript", body=INSTALLED)

    await context.route("**/react-installed.js", react)
    page = await blank(context, IMPORT_MAP)
    for name in ("react", "react-dom"):
        await page.add_script_tag(path=MODULES / name / "umd" / f"{name}.development.js")
    await page.evaluate(COLLECTOR, {"flushMs": 600_000})
    await page.evaluate(MOUNT)
    await page.get_by_role("button", name="Rendered 0").click()
    await page.get_by_role("button", name="Rendered 1").wait_for()
    return page


async def test_the_six_functions(player: Page, mongo: Mongo) -> None:
    await player.evaluate(
        """async () => {
          const { trackPlayStart, trackPlayEnd, trackLike, trackSave, trackShare, trackDownload } = stats;
          trackPlayStart("t1", "search");
          trackPlayEnd("t1", 42);
          trackPlayStart("t1");
          trackPlayEnd("t1", 19.9);
          trackPlayStart("t1");
          trackPlayEnd("t1", 100, true);
          trackLike("t1", "like");
          trackSave("t1", "mine", "save");
          trackShare("t1", "embed");
          trackDownload("t1");
          await collector.flush();
        }"""
    )
    assert await player.evaluate("answers") == [[6, 200, 0]]
    first, second = await mongo.db["play_events"].find({}).sort("duration", 1).to_list(None)
    wanted = {"source": "search", "duration": 42, "completionRate": 50, "skipped": False, "replayed": False}
    assert {name: first[name] for name in wanted} == wanted
    wanted = {"source": "playlist", "duration": 100, "completionRate": 100, "skipped": True, "replayed": True}
    assert {name: second[name] for name in wanted} == wanted
    for kind in ("like", "save", "share", "download"):
        assert await mongo.db[f"{kind}_events"].count_documents({"trackId": "t1"}) == 1
    assert first["sessionId"] == second["sessionId"]


async def test_one_session_as_long_as_it_is_mounted(player: Page) -> None:
    sessions = await player.evaluate("[...new Set(renders.slice(-2)), stats.sessionId]")
    assert len(set(sessions)) == 1
    assert sessions[0].startswith("session_")


async def test_what_sounds_ends_with_the_component(player: Page, mongo: Mongo) -> None:
    await player.evaluate(
        """async () => {
          const now = performance.now.bind(performance);
          stats.trackPlayStart("t1");
          performance.now = () => now() + 30_000;
          root.unmount();
          performance.now = now;
          await new Promise((done) => setTimeout(done));
          await collector.flush();
        }"""
    )
    row = await mongo.db["play_events"].find_one({})
    assert row
    assert 30 <= row["duration"] < 32
