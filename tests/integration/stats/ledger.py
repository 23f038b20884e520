"""Random raw events with right counters, and what must hold of them at every moment."""

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from app.models.stats.events import EventType
from app.repositories.mongo import Mongo
from app.repositories.stats_tallies import RAW_COLLECTIONS

START = datetime(2026, 11, 1, tzinfo=UTC)
TRACKS = 6
USERS = ("ann", "bob", None)
AGENTS = ("Mozilla/5.0 (X11; Linux x86_64)", "Googlebot/2.1 (+http://www.google.com/bot.html)", "okhttp/4.12")
COUNTERS = {
    EventType.PLAY: "playCount",
    EventType.LIKE: "likeCount",
    EventType.SHARE: "shareCount",
    EventType.DOWNLOAD: "downloadCount",
}
_ACTIONS = {EventType.LIKE: ("like", "unlike"), EventType.SAVE: ("save", "unsave")}
_VERDICTS = (
    None,
    None,
    {"kind": "bot", "reason": "old rule", "ruleVersion": "0"},
    {"kind": "own", "reason": "own_play", "ruleVersion": "1"},
)

Rows = Mapping[EventType, list[dict[str, Any]]]


def random_rows(source: random.Random, count: int) -> Rows:
    """Events of all kinds over ten days; some of users, some of bots, some excluded by whatever rule it was."""
    rows: dict[EventType, list[dict[str, Any]]] = {kind: [] for kind in EventType}
    for _ in range(count):
        kind = source.choice([EventType.PLAY, *EventType])
        rows[kind].append(_random_row(source, kind))
    return rows


def _random_row(source: random.Random, kind: EventType) -> dict[str, Any]:
    row: dict[str, Any] = {
        "_id": ObjectId(),
        "trackId": f"track-{source.randrange(TRACKS)}",
        "sessionId": f"session-{source.randrange(20)}",
        "timestamp": START + timedelta(minutes=source.randrange(10 * 24 * 60)),
        "userAgent": source.choice(AGENTS),
    }
    optional = {"userId": source.choice(USERS), "excluded": source.choice(_VERDICTS)}
    if kind in _ACTIONS:
        optional["action"] = source.choice(_ACTIONS[kind])
    return row | {name: value for name, value in optional.items() if value is not None}


async def seed_events(mongo: Mongo, rows: Rows) -> None:
    """Store events, and tracks whose counters are theirs; without marks."""
    for kind, of_kind in rows.items():
        if of_kind:
            await mongo.db[RAW_COLLECTIONS[kind]].insert_many(of_kind)
    counted = await recount(mongo)
    await mongo.db["tracks"].insert_many(
        {"_id": f"track-{number}", "artistId": f"artist-{number % 3}", **counted[f"track-{number}"]}
        for number in range(TRACKS)
    )


async def recount(mongo: Mongo) -> Mapping[str, Counter[str]]:
    """By track, what its rows count."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, counter in COUNTERS.items():
        async for row in mongo.db[RAW_COLLECTIONS[kind]].find({"excluded": None}):
            counted[str(row.get("trackId"))][counter] += -1 if row.get("action") == "unlike" else 1
    return counted


async def counters_off(mongo: Mongo) -> list[tuple[str, str]]:
    """Tracks and counters that are not their rows."""
    counted = await recount(mongo)
    tracks = await mongo.db["tracks"].find({}).to_list(None)
    return [
        (track["_id"], counter)
        for track in tracks
        for counter in COUNTERS.values()
        if track.get(counter, 0) != counted[str(track["_id"])][counter]
    ]


async def everything(mongo: Mongo) -> list[dict[str, Any]]:
    """All raw rows, in one order."""
    return [
        row for name in RAW_COLLECTIONS.values() for row in await mongo.db[name].find({}).sort("_id", 1).to_list(None)
    ]
