"""The app on a real port over a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from app.clock import SystemClock
from app.jobs.schedule import jobs_of
from app.main import assemble
from app.models.identity import Role
from app.repositories.mongo import Mongo
from tests.conftest import DATABASE
from tests.serving import bearer, served, settings_for

SONGS = "/api/audio/copyright-free"
ADMIN_SONGS = "/api/admin/copyright-free"
NEVER = "0 0 29 2 *"


@pytest.fixture(scope="session")
async def address(mongod: str, migrated: Mongo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    settings = settings_for(
        mongod, DATABASE, data_dir=tmp_path_factory.mktemp("data"), view_rate_limit="10000/15minutes"
    )
    with pytest.MonkeyPatch.context() as patches:
        # This app lives as long as all tests do; its jobs must not work on the data of others.
        patches.setattr("app.main.jobs_of", lambda house: [replace(job, cron=NEVER) for job in jobs_of(house)])
        app = assemble(settings, SystemClock())
    async with served(app) as address:
        yield address


@pytest.fixture
async def api(address: str, mongo: Mongo) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app, over an empty catalogue."""
    async with httpx.AsyncClient(base_url=address, timeout=20) as client:
        yield client


@pytest.fixture
def admin() -> dict[str, str]:
    return bearer("admin-1", Role.ADMIN)


@pytest.fixture
async def song(api: httpx.AsyncClient, admin: dict[str, str]) -> dict[str, object]:
    """A song of the catalogue, as an admin added it."""
    draft = {
        "slug": "song-in-the-name-of-jesus",
        "title": "In the Name",
        "artist": "The Choir",
        "artistId": "artist-1",
        "audioUrl": "https://cdn.example.com/in-the-name.mp3",
        "duration": 180_000,
    }
    added = await api.post(ADMIN_SONGS, json=draft, headers=admin)
    assert added.status_code == 201, added.text
    return added.json()["data"]
