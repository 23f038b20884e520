"""`/api/admin/stats/rollups`, `bots` and `holdings`: the state of the statistics."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId

from app.models.identity import Role
from app.repositories import stats_dirt
from app.repositories.mongo import Mongo
from app.services.stats import oversight
from tests.serving import bearer

LAG, BOTS, HOLDINGS = (f"/api/admin/stats/{name}" for name in ("rollups", "bots", "holdings"))
ALL = (LAG, BOTS, HOLDINGS)
CRAWLER, HASTY = "user_agent: Googlebot", "velocity: more than 6,000 plays a minute"


def play(session: str, hours_ago: float, reason: str | None = None, kind: str = "bot") -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    verdict = {"excluded": {"kind": kind, "reason": reason, "ruleVersion": "1"}} if reason else {}
    return {"trackId": "track-1", "sessionId": session, "timestamp": at, **verdict}


async def ask(api: httpx.AsyncClient, path: str, admin: dict[str, str], **query: str) -> dict[str, Any]:
    answer = await api.get(path, params=query, headers=admin)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


@pytest.mark.parametrize("path", ALL)
async def test_without_a_token_it_is_401(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 401


@pytest.mark.parametrize("path", ALL)
async def test_for_others_than_admins_it_is_403(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path, headers=bearer("ann", Role.ARTIST))).status_code == 403


async def test_a_wrong_range_is_400(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    answer = await api.get(BOTS, params={"timeRange": "soon"}, headers=admin)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "timeRange")


async def test_nothing_waits(api: httpx.AsyncClient, admin: dict[str, str]) -> None:
    found = await ask(api, LAG, admin)
    assert found.pop("checkedAt").endswith("Z")
    assert found == {
        "tracks": 0, "days": 0, "oldestAt": None, "lagSeconds": 0.0, "complete": True, "coveredFrom": None,
    }  # fmt: skip


async def test_what_waits_is_counted_from_the_oldest_mark(
    api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    older, newer = (ObjectId.from_datetime(now - timedelta(seconds=ago)) for ago in (90, 5))
    await mongo.db["tracks"].insert_many(
        [
            {"_id": "a", "isDirty": True, "dirty": {"2026-11-20": newer, "2026-11-21": older}},
            {"_id": "b", "isDirty": True, "dirty": {"2026-11-21": newer}},
            {"_id": "c", "dirty": {}},
        ]
    )
    await mongo.db["rollup_state"].insert_one({"_id": "coverage", "from": datetime(2026, 11, 1, tzinfo=UTC)})
    found = await ask(api, LAG, admin)
    assert (found["tracks"], found["days"], found["complete"]) == (2, 3, True)
    assert 88 < found["lagSeconds"] < 120
    assert found["coveredFrom"] == "2026-11-01T00:00:00.000Z"
    monkeypatch.setattr(stats_dirt, "_LOOKED_AT", 2)
    assert (await ask(api, LAG, admin))["complete"] is False


async def test_bots_are_ranked_by_plays(
    api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [play("a", 1, CRAWLER), play("a", 2, CRAWLER), play("b", 30, CRAWLER), play("c", 3, HASTY)]
    await mongo.db["play_events"].insert_many([*rows, play("d", 1), play("e", 1, "own_play", kind="own")])
    found = await ask(api, BOTS, admin)
    assert (found["complete"], found["timeRange"]) == (True, "30d")
    shown = [(bot["reason"], bot["plays"], bot["sessions"]) for bot in found["bots"]]
    assert shown == [(CRAWLER, 3, 2), (HASTY, 1, 1)]
    day = await ask(api, BOTS, admin, timeRange="24h")
    assert [bot["plays"] for bot in day["bots"]] == [2, 1]
    monkeypatch.setattr(oversight, "PLAYS_LOOKED_AT", 3)
    assert (await ask(api, BOTS, admin, timeRange="all"))["complete"] is False


async def test_what_is_stored_is_counted_by_kind(api: httpx.AsyncClient, admin: dict[str, str], mongo: Mongo) -> None:
    await mongo.db["play_events"].insert_many([play("a", 1), play("b", 1)])
    found = (await ask(api, HOLDINGS, admin))["documents"]
    assert (found["play_events"], found["songs"]) == (2, 0)
