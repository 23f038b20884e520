"""A tenant with a show, a season and an episode, as its admin has added them."""

from typing import Any

import httpx
import pytest

from app.models.identity import Role
from tests.serving import member

SERIES = "/api/series"

SHOW = {"title": "Harbour Lights", "cover_image": "/covers/harbour.jpg"}
EPISODE = {"title": "The Crossing", "video_id": "dQw4w9WgXcQ", "duration_seconds": 600}

Row = dict[str, Any]


@pytest.fixture
def boss() -> dict[str, str]:
    """An admin of the tenant."""
    return member("boss", "north", Role.ADMIN)


@pytest.fixture
def viewer() -> dict[str, str]:
    return member("ann", "north")


async def add(api: httpx.AsyncClient, kind: str, body: Row, headers: dict[str, str]) -> Row:
    added = await api.post(f"{SERIES}/{kind}/", json=body, headers=headers)
    assert added.status_code == 201, added.text
    row: Row = added.json()
    return row


@pytest.fixture
async def show(api: httpx.AsyncClient, boss: dict[str, str]) -> Row:
    return await add(api, "shows", SHOW, boss)


@pytest.fixture
async def season(api: httpx.AsyncClient, boss: dict[str, str], show: Row) -> Row:
    return await add(api, "seasons", {"show_id": show["id"], "season_number": 1}, boss)


@pytest.fixture
async def episode(api: httpx.AsyncClient, boss: dict[str, str], season: Row) -> Row:
    return await add(api, "episodes", EPISODE | {"season_id": season["id"]}, boss)
