"""`GET /api/audio/copyright-free/{songId}/analytics`."""

from datetime import UTC, datetime

import httpx
import pytest
from bson import ObjectId

from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.api.conftest import SONGS
from tests.serving import bearer

ARTIST = bearer("artist-1", Role.ARTIST)


async def test_it_needs_a_token(api: httpx.AsyncClient, song: dict) -> None:
    assert (await api.get(f"{SONGS}/{song['id']}/analytics")).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [bearer("listener"), bearer("artist-2", Role.ARTIST), bearer("artist-1")],
    ids=["listener", "another artist", "the artist's name without the role"],
)
async def test_others_are_refused(api: httpx.AsyncClient, song: dict, headers: dict[str, str]) -> None:
    answer = await api.get(f"{SONGS}/{song['id']}/analytics", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


async def test_an_unknown_song_is_404(api: httpx.AsyncClient, admin: dict) -> None:
    assert (await api.get(f"{SONGS}/none/analytics", headers=admin)).status_code == 404


async def test_zeros_without_views(api: httpx.AsyncClient, song: dict) -> None:
    shown = (await api.get(f"{SONGS}/{song['slug']}/analytics", headers=ARTIST)).json()["data"]
    assert [shown[name] for name in ("totalViews", "uniqueUsers", "avgDurationMs", "avgProgressPct")] == [0, 0, 0, 0]
    assert (shown["completionRate"], shown["viewsByDay"]) == (0, [])
    assert [step["views"] for step in shown["progressHistogram"]] == [0] * 10


async def test_what_the_views_say(api: httpx.AsyncClient, mongo: Mongo, song: dict, admin: dict) -> None:
    def view(user: str, day: int, duration: int, progress: float, complete: bool) -> dict:
        at = datetime(2026, 3, day, 23, 59, tzinfo=UTC)
        key = ObjectId(song["id"])
        return {
            "userId": user, "songId": key, "durationMs": duration, "progressPct": progress,
            "isComplete": complete, "viewedAt": at, "lastViewedAt": at,
        }  # fmt: skip

    await mongo.db["views"].insert_many(
        [view("a", 1, 1000, 0, False), view("b", 1, 3000, 99.9, True), view("c", 2, 5000, 100, True)]
    )
    await mongo.db["views"].insert_one({"userId": "x", "songId": ObjectId(), "viewedAt": datetime.now(UTC)})
    shown = (await api.get(f"{SONGS}/{song['id']}/analytics", headers=admin)).json()["data"]
    assert shown["totalViews"] == shown["uniqueUsers"] == 3
    assert shown["avgDurationMs"] == 3000
    assert shown["avgProgressPct"] == pytest.approx(199.9 / 3)
    assert shown["completionRate"] == pytest.approx(200 / 3)
    assert shown["viewsByDay"] == [{"date": "2026-03-01", "views": 2}, {"date": "2026-03-02", "views": 1}]
    assert [step["views"] for step in shown["progressHistogram"]] == [1, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert shown["progressHistogram"][9] == {"fromPct": 90, "toPct": 100, "views": 2}
