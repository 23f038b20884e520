"""Views as the watching half writes them, made by chance, and a recount of them that knows nothing of the database."""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.repositories.mongo import Mongo

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = NOW.date()
KINDS = ("episode", "season", "show")
SEASONS_A_SHOW = EPISODES_A_SEASON = 3

# So many ways to watch an episode; to make up one takes longer than to write it.
_WAYS = 500

Row = dict[str, Any]


def show_of(episode: int) -> int:
    return 1 + (episode - 1) // (SEASONS_A_SHOW * EPISODES_A_SEASON)


def season_of(episode: int) -> int:
    return 1 + (episode - 1) // EPISODES_A_SEASON


def tenant_of(episode: int) -> str:
    return f"tenant-{show_of(episode)}"


def duration_of(episode: int) -> int:
    return (40, 300, 1_000, 2_700, 7_201)[episode % 5]


def view(view_id: int, episode: int, user: str, at: datetime, **changes: Any) -> Row:
    """A view that has just begun."""
    return {
        "_id": view_id,
        "tenant": tenant_of(episode),
        "show": show_of(episode),
        "season": season_of(episode),
        "episode": episode,
        "user": user,
        "playback_token": f"token-{view_id}",
        "started_at": at,
        "day": at.date().isoformat(),
        "seen_at": at,
        "is_open": True,
        "total_seconds": 0.0,
        "completed": False,
        "duration_seconds": duration_of(episode),
        "covered": [],
        "heat": {},
        "unique_seconds": 0.0,
        "dirty": True,
        "revision": 1,
    } | changes


def random_views(seed: int, count: int, episodes: int, days: int, users: int, first_id: int = 1) -> Iterator[Row]:
    """Views of the last days, some watched twice over, some to the end."""
    chance = random.Random(seed)
    watched = [[_watched(chance, duration_of(episode)) for _ in range(_WAYS)] for episode in range(5)]
    for view_id in range(first_id, first_id + count):
        episode = chance.randint(1, episodes)
        at = NOW - timedelta(days=chance.randrange(days), seconds=chance.randrange(12 * 3600))
        yield view(view_id, episode, f"user-{chance.randrange(users)}", at, **chance.choice(watched[episode % 5]))


def _watched(chance: random.Random, duration: int) -> Row:
    cells = min(duration, 1_000)
    ends = sorted({int(chance.random() * cells) for _ in range(chance.randrange(7))})
    ends = ends[: len(ends) // 2 * 2]
    covered = [[ends[at], ends[at + 1]] for at in range(0, len(ends), 2)]
    unique = sum(end - start for start, end in covered) * max(1, duration / 1000)
    heat = {str(int(chance.random() * 100)): round(chance.random() * duration / 50, 3) for _ in range(4)}
    total = round(unique * chance.uniform(1, 2), 3)
    return {
        "covered": covered,
        "unique_seconds": unique,
        "heat": heat,
        "total_seconds": total,
        "completed": chance.random() < 0.3,
        "revision": chance.randint(1, 6),
    }


async def insert(mongo: Mongo, rows: Iterable[Row]) -> None:
    """Write views, and who has watched, as one start after another would."""
    rows = list(rows)
    for at in range(0, len(rows), 20_000):
        await mongo.db["episode_views"].insert_many(rows[at : at + 20_000], ordered=False)
    await audiences_of_views(mongo)


async def audiences_of_views(mongo: Mongo) -> None:
    for kind in KINDS:
        rows = mongo.db["episode_views"].aggregate(
            [
                {"$group": {"_id": {"scope": f"${kind}", "user": "$user"}, "tenant": {"$first": "$tenant"}}},
                {"$project": {"_id": 0, "kind": kind, "scope": "$_id.scope", "user": "$_id.user", "tenant": 1}},
            ]
        )
        viewers = await rows.to_list(None)
        await mongo.db["episode_viewers"].delete_many({"kind": kind})
        await mongo.db["episode_viewers"].insert_many(viewers)
        counts: defaultdict[tuple[int, str], int] = defaultdict(int)
        for one in viewers:
            counts[one["scope"], one["tenant"]] += 1
        for (scope, tenant), count in counts.items():
            document = {"tenant": tenant, "viewers": count}
            await mongo.db["episode_audiences"].replace_one({"_id": f"{kind}:{scope}"}, document, upsert=True)


class Recount:
    """What rows add up to, in plain Python."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.days: defaultdict[tuple[str, int, str], Row] = defaultdict(_nothing)
        self.all: defaultdict[tuple[str, int], Row] = defaultdict(_nothing)
        self.add(rows)

    def add(self, rows: Iterable[Row]) -> None:
        for row in rows:
            for kind in KINDS:
                _count(self.days[kind, row[kind], row["day"]], row)
                _count(self.all[kind, row[kind]], row)


def _nothing() -> Row:
    return {"views": 0, "users": set(), "total": 0.0, "unique": 0.0, "completed": 0, "reach": [0] * 100,
            "heat": [0.0] * 100}  # fmt: skip


def _count(into: Row, row: Row) -> None:
    into["views"] += 1
    into["users"].add(row["user"])
    into["total"] += row["total_seconds"]
    into["unique"] += row["unique_seconds"]
    into["completed"] += row["completed"]


def points_reached(row: Row) -> list[int]:
    """The hundredths whose begin a view covers, cell by cell."""
    duration = row["duration_seconds"]
    cell = max(1.0, duration / 1000)
    return [
        point
        for point in range(100)
        if any(start <= int(point * duration / 100 / cell + 1e-9) < end for start, end in row["covered"])
    ]


async def rows_of(mongo: Mongo) -> list[Row]:
    return await mongo.db["episode_views"].find({}).to_list(None)


def days_before(days: int) -> date:
    return TODAY - timedelta(days=days)
