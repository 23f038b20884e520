"""`ViewTracker` and `subscribeToSong`: a view is counted when it was listened to, once, and seen by others at once."""

from collections.abc import Mapping

from playwright.async_api import BrowserContext, Page

from app.repositories.mongo import Mongo
from tests.browser.blank import blank
from tests.browser.complaints import Complaints
from tests.browser.conftest import NewContext
from tests.serving import token
from tests.waiting import eventually

SLUG = "first-light"
WATCH = """async ({ slug, token, viewCount, hasViewed }) => {
  const { ViewTracker } = await import("/assets/client/index.js");
  window.shown = [];
  window.failed = [];
  window.audio = new Audio(`/demo-audio/${slug}.wav`);
  const getToken = () => token;
  const onCount = (count) => shown.push([count.viewCount, count.isOptimistic]);
  const onError = (answer) => failed.push(answer.status);
  const onListen = (report) => {
    window.heard = report;
    window.listens?.(report);
  };
  const options = { songId: slug, getToken, viewCount, hasViewed, onCount, onError, onListen };
  window.tracker = new ViewTracker(audio, options);
}"""
# In the page, and early: by three seconds it counts, however long this test is held up.
JUMP_AND_PAUSE = """() => {
  const jump = ({ durationMs }) => {
    if (durationMs < 250) return;
    audio.currentTime = audio.duration * 0.6;
    window.listens = (later) => later.durationMs > durationMs && audio.pause();
  };
  window.listens = jump;
}"""
LISTEN = """async ({ slug }) => {
  const { subscribeToSong } = await import("/assets/client/index.js");
  const { io } = await import("/assets/vendor/socket.io-client-4.8.4/socket.io.esm.min.js");
  window.counts = [];
  window.socket = io({ transports: ["websocket"] });
  window.leave = subscribeToSong(slug, ({ viewCount }) => counts.push(viewCount), { socket });
}"""


async def watching(context: BrowserContext, user: str, **said: object) -> Page:
    """A page with the song in it, which does not play yet."""
    page = await blank(context)
    await page.evaluate(WATCH, {"slug": SLUG, "token": token(user), "viewCount": 0} | said)
    return page


async def playing(context: BrowserContext, user: str, **said: object) -> Page:
    """A page that plays the song from its beginning."""
    page = await watching(context, user, **said)
    await page.evaluate("audio.play()")
    return page


async def views(mongo: Mongo) -> int:
    return await mongo.db["views"].count_documents({})


async def test_a_view_is_counted_once_and_others_see_it(
    new_context: NewContext, mongo: Mongo, songs: Mapping[str, str]
) -> None:
    other = await blank(await new_context())
    await other.evaluate(LISTEN, {"slug": SLUG})
    await other.wait_for_function("counts.length === 1")
    context = await new_context()
    page = await watching(context, "u1")
    # Jumping is not listening.
    await page.evaluate(JUMP_AND_PAUSE)
    await page.evaluate("audio.play()")
    await page.wait_for_function("audio.paused && audio.currentTime > audio.duration / 2")
    assert (await page.evaluate("shown"), await views(mongo)) == ([], 0)
    await page.evaluate("listens = null; audio.play()")
    await page.wait_for_function("shown.length === 2")
    await other.wait_for_function("counts.at(-1) === 1")
    assert await page.evaluate("shown") == [[1, True], [1, False]]

    await page.evaluate(
        "tracker.watch({ songId: 'first-light', viewCount: 1, hasViewed: true }); audio.currentTime = 0; heard = null"
    )
    await page.wait_for_function("heard?.durationMs >= 3000")
    await page.evaluate("audio.currentTime = audio.duration - 0.5")
    await page.wait_for_function("heard.isComplete")

    async def is_complete() -> bool:
        return await mongo.db["views"].count_documents({"isComplete": True}) == 1

    await eventually(is_complete)
    again = await playing(context, "u1", viewCount=1, hasViewed=True)
    await again.wait_for_function("shown.length === 1")
    assert await again.evaluate("shown") == [[1, False]]
    row = await mongo.db["views"].find_one({})
    assert row
    assert (await views(mongo), row["isComplete"]) == (1, True)


async def test_a_view_survives_the_loss_of_the_network(
    context: BrowserContext, mongo: Mongo, songs: Mapping[str, str], complaints: Complaints
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    page = await watching(context, "u1")
    await page.wait_for_function("audio.readyState === 4")
    await context.set_offline(True)
    await page.evaluate("audio.play()")
    await page.wait_for_function("shown.length === 1")
    assert await views(mongo) == 0
    await context.set_offline(False)
    await page.wait_for_function("shown.length === 2")
    assert (await page.evaluate("shown"), await views(mongo)) == ([[1, True], [1, False]], 1)


async def test_what_is_refused_is_taken_back(
    context: BrowserContext, songs: Mapping[str, str], complaints: Complaints
) -> None:
    complaints.expect("404")
    page = await blank(context)
    await page.evaluate(WATCH, {"slug": SLUG, "token": token("u1"), "viewCount": 5})
    await page.evaluate("tracker.watch({ songId: 'nobody', viewCount: 7 }); audio.play()")
    await page.wait_for_function("shown.length === 2")
    assert await page.evaluate("[shown, failed]") == [[[8, True], [7, False]], [404]]


async def test_a_subscription_outlives_its_connection_and_never_falls(
    context: BrowserContext, mongo: Mongo, songs: Mapping[str, str]
) -> None:
    page = await blank(context)
    await page.evaluate(LISTEN, {"slug": SLUG})
    await page.wait_for_function("counts.length === 1")
    await page.evaluate("socket.io.engine.close()")
    await page.wait_for_function("counts.length === 2")
    await page.evaluate(
        "for (const viewCount of [9, 4]) socket.listeners('copyright-free-song-interaction-updated')[0]({ viewCount })"
    )
    assert await page.evaluate("counts") == [0, 0, 9, 9]
    await page.evaluate("leave(); leave(); socket.disconnect().connect()")
    await page.wait_for_function("socket.connected")
    assert await page.evaluate("counts.length") == 4
