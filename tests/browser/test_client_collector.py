"""`StatsCollector` in real tabs: whatever the network and the tab do, each event arrives once."""

import asyncio
from datetime import timedelta
from time import monotonic, time

import pytest
from playwright.async_api import BrowserContext, Page, Route

from app.repositories.mongo import Mongo
from tests.browser.blank import COLLECTOR, collecting, exactly, plays_of, track
from tests.browser.complaints import Complaints
from tests.serving import token
from tests.thorough import usually
from tests.waiting import eventually

A_LONG_DAY = usually(5_000, thoroughly=30_000)


@pytest.fixture(autouse=True)
async def _track(mongo: Mongo) -> None:
    await mongo.db["tracks"].insert_one({"_id": "t1", "title": "One", "duration": 180})


async def arrive(mongo: Mongo, count: int) -> None:
    async def are_there() -> bool:
        return await plays_of(mongo) == exactly(count)

    await eventually(are_there)


async def kept(page: Page) -> int:
    return await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('kept')).length")


async def keeps(page: Page, count: int) -> None:
    """Wait until a tab sees so many pieces kept: what another does to them shows a little later."""

    async def are_seen() -> bool:
        return await kept(page) == count

    await eventually(are_seen)


@pytest.mark.parametrize("user", [None, "u1"], ids=["anonymous", "signed in"])
async def test_a_closed_tab_loses_nothing(context: BrowserContext, mongo: Mongo, user: str | None) -> None:
    page = await collecting(context, **({"token": token(user)} if user else {}))
    await track(page, 120)
    assert (await page.evaluate("collector.size"), await plays_of(mongo)) == (120, exactly(0) | {"counted": 0})
    await page.close()
    await arrive(mongo, 120)
    assert await mongo.db["play_events"].distinct("userId") == ([user] if user else [])

    again = await collecting(context)
    await keeps(again, 0)
    assert await plays_of(mongo) == exactly(120)


async def test_what_a_beacon_cannot_carry_is_sent_at_the_next_visit(context: BrowserContext, mongo: Mongo) -> None:
    page = await collecting(context)
    await track(page, 1000)
    await page.close()
    again = await collecting(context)
    await keeps(again, 0)
    assert await plays_of(mongo) == exactly(1000)


async def test_offline_for_ten_seconds(context: BrowserContext, mongo: Mongo, complaints: Complaints) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    page = await collecting(context, flushMs=5000, batchSize=50)
    await context.set_offline(True)
    await track(page, 120)
    await page.wait_for_timeout(10_000)
    assert await page.evaluate("answers.some(([, status]) => status === 0)")
    assert (await plays_of(mongo))["rows"] == 0
    await context.set_offline(False)
    await arrive(mongo, 120)
    await page.wait_for_function("collector.size === 0")
    assert await page.evaluate("dropped") == []


async def test_closed_while_offline(context: BrowserContext, mongo: Mongo, complaints: Complaints) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    page = await collecting(context)
    other = await collecting(context)
    await context.set_offline(True)
    await track(page, 120)
    await page.close()
    await keeps(other, 1)
    await context.set_offline(False)
    await arrive(mongo, 120)
    await keeps(other, 0)


WITH_LOCKS = ""
WITHOUT_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })"


@pytest.mark.parametrize("script", [WITH_LOCKS, WITHOUT_LOCKS], ids=["locks", "leases"])
async def test_tabs_do_not_send_twice(
    context: BrowserContext, mongo: Mongo, complaints: Complaints, script: str
) -> None:
    complaints.expect("ERR_INTERNET_DISCONNECTED")
    await context.add_init_script(script)
    tabs = [await collecting(context) for _ in range(3)]
    await context.set_offline(True)
    for tab in tabs:
        await track(tab, 40)
        await tab.evaluate("collector.close()")
        await tab.wait_for_function("answers.length === 1")
    await context.set_offline(False)

    is_sending, all_have_tried = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        is_sending.set()
        await all_have_tried.wait()
        await route.continue_()

    await context.route("**/api/stats/events", hold)
    await tabs[0].evaluate(COLLECTOR, {"flushMs": 600_000})
    async with asyncio.timeout(60):  # a tab that sends or waits does not come back while the first is held
        await is_sending.wait()
        for tab in tabs[1:]:
            if script == WITHOUT_LOCKS:
                # A lease is there for other tabs when its writing has come to them.
                await tab.wait_for_function("Object.keys(localStorage).some((key) => key.includes('sending'))")
            await tab.evaluate(COLLECTOR, {"flushMs": 600_000})
            await tab.evaluate("collector.flush()")
    all_have_tried.set()
    await arrive(mongo, 120)
    await keeps(tabs[0], 0)
    sent = [answer for tab in tabs for answer in await tab.evaluate("answers")]
    assert sent == [[40, 200, 0]] * 3


async def test_a_service_that_is_away_and_answers_that_are_lost(
    context: BrowserContext, mongo: Mongo, complaints: Complaints
) -> None:
    complaints.expect("Failed to load resource")
    asked: list[float] = []

    async def fail(route: Route) -> None:
        asked.append(monotonic())
        if len(asked) == 1:
            await route.fulfill(status=503, headers={"Retry-After": "2"}, json={"success": False})
        elif len(asked) == 2:
            await route.fetch()  # it is counted, but nobody hears of it
            await route.abort()
        else:
            await route.continue_()

    await context.route("**/api/stats/events", fail)
    page = await collecting(context, flushMs=50)
    await track(page, 30)
    await page.wait_for_function("answers.length === 3")
    assert asked[1] - asked[0] >= 2
    assert await page.evaluate("answers") == [[30, 503, None], [30, 0, None], [30, 200, 30]]
    assert await plays_of(mongo) == exactly(30)


async def test_ids_that_come_again_count_once(context: BrowserContext, mongo: Mongo) -> None:
    page = await collecting(context)
    event = {"type": "play", "trackId": "t1", "eventId": "same", "timestamp": 1000 * int(time()), "sessionId": "s"}
    for _ in range(2):
        await page.evaluate("async (event) => { collector.track(event); await collector.flush(); }", event)
    assert await page.evaluate("answers") == [[1, 200, 0], [1, 200, 1]]
    assert await plays_of(mongo) == exactly(1)


async def test_a_clock_that_is_ahead_costs_nothing(context: BrowserContext, mongo: Mongo) -> None:
    page = await collecting(context)
    ahead = {"type": "play", "trackId": "t1", "timestamp": 1000 * int(time() + 3600)}
    await page.evaluate("async (event) => { collector.track(event); await collector.flush(); }", ahead)
    assert await plays_of(mongo) == exactly(1)


async def test_a_token_that_has_expired_costs_nothing(
    context: BrowserContext, mongo: Mongo, complaints: Complaints
) -> None:
    complaints.expect("401")
    page = await collecting(context, token=token("u1", minted=timedelta(days=-2)), flushMs=50)
    await track(page, 3)
    await arrive(mongo, 3)
    assert await mongo.db["play_events"].distinct("userId") == []


A_DAY = """async ({ events, seconds }) => {
  let most = 0;
  const begin = Date.now() - events * seconds * 1000;
  for (let number = 0; number < events; number++) {
    const timestamp = begin + number * seconds * 1000;
    collector.track({ type: "play", trackId: "t1", duration: 30, timestamp });
    most = Math.max(most, collector.size);
    if (number % 500 === 499) await collector.flush();
  }
  return most;
}"""


async def test_a_long_day_in_one_tab(context: BrowserContext, mongo: Mongo) -> None:
    page = await collecting(context, batchSize=500)
    assert await page.evaluate(A_DAY, {"events": A_LONG_DAY, "seconds": 2.5}) <= 1000
    assert await plays_of(mongo) == exactly(A_LONG_DAY)
    assert await page.evaluate("[collector.size, dropped, Object.keys(localStorage)]") == [0, [], []]


async def test_a_burst_beyond_the_queue_waits_in_storage(context: BrowserContext, mongo: Mongo) -> None:
    page = await collecting(context, flushMs=5000, batchSize=50)
    await track(page, 3000)
    assert await page.evaluate("collector.size") <= 1000
    assert await kept(page) > 0
    await arrive(mongo, 3000)
    assert await page.evaluate("dropped") == []
