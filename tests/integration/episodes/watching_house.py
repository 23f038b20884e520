"""The watching half of the episodes wing over a real database, at a time of the test's choosing."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from app.config import Settings
from app.container.episodes import EpisodesWing
from app.models.episodes.watching import Beat, Completion, Origin
from app.repositories.mongo import Mongo

START = datetime(2026, 11, 28, 12, tzinfo=UTC)
DURATION = 7_200
HERE = Origin("tv", "192.0.2.0", "A browser")


class SetClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def episode(number: int, tenant: str = "acme", duration: int = DURATION) -> dict[str, Any]:
    """The first and second are of season 1, and so on; all are of show 1."""
    return {
        "_id": number,
        "tenant": tenant,
        "show": 1,
        "season": (number + 1) // 2,
        "title": f"Episode {number}",
        "video_id": f"video-{number}",
        "duration_seconds": duration,
    }


class WatchingHouse:
    def __init__(self, mongo: Mongo) -> None:
        self.mongo = mongo
        self.clock = SetClock()
        self.wing = EpisodesWing(Settings(_env_file=None), mongo, self.clock)

    async def token(self, user: str = "ada", number: int = 1, tenant: str = "acme") -> str:
        return (await self.wing.playback.play(tenant, user, number)).token

    async def start(self, token: str, user: str = "ada", number: int = 1, tenant: str = "acme") -> int:
        return await self.wing.watching.start(tenant, user, number, token, HERE, None)

    async def begin(self, user: str = "ada", number: int = 1) -> tuple[int, str]:
        token = await self.token(user, number)
        return await self.start(token, user, number), token

    async def report(self, view_id: int, token: str, content: Beat | Completion, user: str = "ada") -> None:
        claim = await self.wing.watching.identify("acme", user, token)
        await self.wing.watching.report(claim, view_id, content)

    async def view(self, view_id: int) -> dict[str, Any]:
        row = await self.mongo.db["episode_views"].find_one({"_id": view_id})
        assert row is not None
        return row

    async def audiences(self) -> dict[str, int]:
        rows = await self.mongo.db["episode_audiences"].find({}).to_list(None)
        return {row["_id"]: row["viewers"] for row in rows if row["viewers"]}

    async def counted_viewers(self) -> dict[str, int]:
        rows = await self.mongo.db["episode_viewers"].find({}).to_list(None)
        return dict(Counter(f"{row['kind']}:{row['scope']}" for row in rows))
