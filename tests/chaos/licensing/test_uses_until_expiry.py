"""Fifty people record uses in two processes while the licence ends: not one use is of its end or later."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from app.clock import iso
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from tests.chaos.licensing.processes import ADMIN, ANALYTICS, PROVIDERS, TRACKS, Measured, clients, processes, set_up
from tests.conftest import DATABASE
from tests.licensing.sandbox import Sandbox
from tests.serving import bearer

PEOPLE = 50
# Some of it passes before the first use, more of it if anything stands still.
LIFETIME = timedelta(seconds=6)
GOES_ON = timedelta(seconds=0.5)
GIVES_UP = timedelta(seconds=60)
LICENCES = "/api/admin/music-licensing/licenses/check"


@dataclass
class Seen:
    """What callers saw, by the clock of this machine, which is that of the processes too."""

    begun: list[datetime] = field(default_factory=list)
    """When the requests began whose use was recorded."""
    refused: Counter[str] = field(default_factory=Counter)
    """Those that were not, by what was said."""
    refused_early: int = 0
    """Those that were over before the licence was."""


@pytest.fixture
async def two(mongo: Mongo, mongod: str, tmp_path: Path) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with processes(2, mongod, DATABASE, tmp_path) as services, clients(services) as apis:
        yield apis


async def use(api: httpx.AsyncClient, path: str, person: int, ends: datetime, seen: Seen) -> None:
    """Record one use after the other, until some time after the licence has ended, and one was refused."""
    number, is_refused = 0, False
    while (begun := datetime.now(UTC)) < ends + GOES_ON or not is_refused:
        assert begun < ends + GIVES_UP
        body = {"projectId": f"project-{person}-{number}", "usage": "youtube", "territory": "DE"}
        answer = await api.post(path, json=body, headers=bearer(f"person-{person}"))
        number += 1
        if answer.status_code == 201:
            seen.begun.append(begun)
            continue
        assert (answer.status_code, answer.json()["code"]) == (409, "LICENSE_INVALID"), answer.text
        is_refused = True
        seen.refused[answer.json()["error"]] += 1
        seen.refused_early += datetime.now(UTC) < ends
        await asyncio.sleep(0.05)


async def test_no_use_is_recorded_from_the_end_on(
    two: list[httpx.AsyncClient], mongo: Mongo, sandbox: Sandbox, measured: Measured
) -> None:
    await set_up(two, sandbox, ProviderName.SOUNDSTRIPE)
    path = f"{TRACKS}/soundstripe/{(await sandbox.tracks('soundstripe', usable=True))[0]['id']}/usage"
    ends = datetime.now(UTC).replace(microsecond=0) + LIFETIME + timedelta(seconds=1)
    terms = {"type": "subscription", "uses": ["youtube"], "expiresAt": iso(ends)}
    answer = await two[0].put(f"{PROVIDERS}/soundstripe", json={"licenseTerms": terms})
    assert answer.status_code == 200, answer.text
    seen = Seen()
    await asyncio.gather(*(use(two[person % 2], path, person, ends, seen) for person in range(PEOPLE)))

    rows = await mongo.db["music_usages"].find({}, {"usedAt": 1}).to_list(None)
    last = max(row["usedAt"] for row in rows)
    assert last < ends
    # Every use that was promised is there, and no other.
    assert len(rows) == len(seen.begun) > 0
    assert max(seen.begun) < ends
    assert seen.refused_early == 0
    assert sum(seen.refused.values()) >= PEOPLE
    assert all(iso(ends) in said for said in seen.refused), seen.refused

    found = (await two[1].get(f"{ANALYTICS}/compliance", headers=ADMIN)).json()
    assert (found["totalUses"], found["validUses"], found["complianceRate"]) == (len(rows), 0, 0.0)
    assert [(one["provider"], one["expiresAt"], one["uses"]) for one in found["expired"]] == [
        ("soundstripe", iso(ends), len(rows))
    ]
    assert found["invalidUses"]["count"] == len(rows)
    checked = (await two[1].post(LICENCES)).json()
    assert checked["expired"] == 1
    measured(
        "uses recorded, the last one before the end", (len(rows), f"{(ends - last).total_seconds() * 1_000:.0f} ms")
    )
    measured("uses refused, of which too early", (sum(seen.refused.values()), seen.refused_early))
