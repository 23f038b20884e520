"""An empty page at the app's own origin, on which the browser client is tried."""

from collections.abc import Mapping

from playwright.async_api import BrowserContext, Page

from app.repositories.mongo import Mongo

COLLECTOR = """async (options) => {
  const { StatsCollector } = await import("/assets/client/index.js");
  const { token, ...given } = options;
  window.answers = [];
  window.dropped = [];
  window.collector = new StatsCollector({
    ...given,
    ...(token && { getToken: () => token }),
    onAnswer: ({ events, answer }) => window.answers.push([events.length, answer.status, answer.body?.duplicates]),
    onDrop: (count, reason) => window.dropped.push([count, reason]),
  });
}"""
TRACK = """(count) => {
  for (let number = 0; number < count; number++) {
    collector.track({ type: "play", trackId: "t1", source: "player", duration: 42, completionRate: 50 });
  }
}"""


async def blank(context: BrowserContext, html: str = "") -> Page:
    """A page with nothing in it, and without a policy.

    It comes from the app: what is put in place of an answer may not open sockets to addresses of this machine.
    """
    page = await context.new_page()
    await page.goto("/health/live")
    await page.set_content(f"<!doctype html><title>Blank</title>{html}")
    return page


async def collecting(context: BrowserContext, **options: object) -> Page:
    """A blank page with a collector; plays are sent when it is told to, unless the options say otherwise."""
    page = await blank(context)
    await page.evaluate(COLLECTOR, {"flushMs": 600_000, "batchSize": 1000} | options)
    return page


async def track(page: Page, count: int) -> None:
    """So many plays, at once."""
    await page.evaluate(TRACK, count)


async def plays_of(mongo: Mongo) -> Mapping[str, int]:
    """What arrived: rows, ids, and what the track says."""
    rows = mongo.db["play_events"]
    counted = await mongo.db["tracks"].find_one({"_id": "t1"})
    return {
        "rows": await rows.count_documents({}),
        "ids": len(await rows.distinct("eventId")),
        "counted": (counted or {}).get("playCount", 0),
    }


def exactly(count: int) -> Mapping[str, int]:
    """All of them, once."""
    return {"rows": count, "ids": count, "counted": count}
