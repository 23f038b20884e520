"""`…/similar`, `/api/music-licensing/recommendations`, and what the wing adds to own data."""

import httpx
import pytest

from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from tests.licensing.fake_provider import track
from tests.licensing.library_house import fill_catalogue, numbered
from tests.serving import bearer

MUSIC = "/api/music-licensing"
RECOMMENDATIONS = f"{MUSIC}/recommendations"
ANN = bearer("ann")


@pytest.fixture(autouse=True)
async def catalogue(mongo: Mongo) -> None:
    """Tracks of providers that are not configured, which are in our copy."""
    slashed = track(1, provider=ProviderName.INTERNET_ARCHIVE, genres=("ambient",), artist="Ada")
    await fill_catalogue(mongo, [*numbered(*range(1, 20)), slashed, *_named("an item/similar", "an item/file.mp3")])


def _named(*ids: str) -> list[object]:
    archive = ProviderName.INTERNET_ARCHIVE
    return [track(2, provider=archive, id=one, genres=("ambient",)) for one in ids]


def similar(track_id: object, provider: str = "soundstripe") -> str:
    return f"{MUSIC}/tracks/{provider}/{track_id}/similar"


async def test_only_with_a_token(api: httpx.AsyncClient) -> None:
    for path in (RECOMMENDATIONS, similar(1)):
        assert (await api.get(path)).status_code == 401


@pytest.mark.parametrize("limit", ["0", "101", "x", ""])
async def test_bad_limits_are_400(api: httpx.AsyncClient, limit: str) -> None:
    for path in (RECOMMENDATIONS, similar(1)):
        assert (await api.get(path, params={"limit": limit}, headers=ANN)).status_code == 400


async def test_unknown_providers_are_404_and_unconfigured_ones_say_so(api: httpx.AsyncClient) -> None:
    unknown = await api.get(similar(1, "spotify"), headers=ANN)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "Provider not found")
    unconfigured = await api.get(similar(99), headers=ANN)
    assert (unconfigured.status_code, unconfigured.json()["code"]) == (409, "CONFLICT")


async def test_similar_tracks(api: httpx.AsyncClient) -> None:
    answer = await api.get(similar(1), params={"limit": 3}, headers=ANN)
    assert answer.status_code == 200
    found = answer.json()
    assert found["source"] == "catalogue"
    assert [one["id"] for one in found["items"]] == ["7", "13", "19"]
    best = found["items"][0]
    assert best["reasons"] == ["Is pop too", "Has the same mood: dark", "Is close in tempo, at 67 bpm"]
    assert 0.9 < best["score"] <= 1
    assert best["license"]["usable"] is True
    assert (await api.get(similar(1), params={"limit": 3}, headers=ANN)).json() == found


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("an%20item/file.mp3", "an item/similar"),
        ("an%20item%2Ffile.mp3", "an item/similar"),
        ("an%20item/similar", "an item/file.mp3"),
    ],
)
async def test_ids_may_hold_slashes(api: httpx.AsyncClient, written: str, other: str) -> None:
    found = (await api.get(similar(written, "internet_archive"), headers=ANN)).json()
    archived = [one["id"] for one in found["items"] if one["provider"] == "internet_archive"]
    assert (archived[0], len(archived)) == (other, 2)


async def test_recommendations(api: httpx.AsyncClient) -> None:
    assert (await api.get(RECOMMENDATIONS, headers=ANN)).json() == {"items": [], "basis": "usage"}
    kept = {"provider": "soundstripe", "trackId": "1"}
    assert (await api.post(f"{MUSIC}/favorites", json=kept, headers=ANN)).status_code == 201
    answer = await api.get(RECOMMENDATIONS, params={"limit": 4}, headers=ANN)
    found = answer.json()
    assert (answer.status_code, found["basis"]) == (200, "taste")
    assert found["items"][0]["id"] == "7"
    assert found["items"][0]["reasons"][:2] == ["You often choose pop", "You often choose this mood: dark"]
    assert "1" not in [one["id"] for one in found["items"]]
    assert (await api.get(RECOMMENDATIONS, params={"limit": 4}, headers=ANN)).json() == found


async def test_own_data_has_favourites_and_playlists_once(api: httpx.AsyncClient) -> None:
    kept = {"provider": "soundstripe", "trackId": "1"}
    await api.post(f"{MUSIC}/favorites", json=kept, headers=ANN)
    playlist = (await api.post(f"{MUSIC}/playlists", json={"title": "Mix"}, headers=ANN)).json()["id"]
    await api.post(f"{MUSIC}/playlists/{playlist}/tracks", json=kept, headers=ANN)
    data = (await api.get("/api/me/data", headers=ANN)).json()["data"]
    assert [row["trackId"] for row in data["musicFavorites"]] == ["1"]
    assert [row["trackId"] for one in data["playlists"] for row in one["licensedTracks"]] == ["1"]
    erased = (await api.delete("/api/me/data", headers=ANN)).json()["data"]["erased"]
    assert (erased["musicFavorites"], erased["playlists"], erased["musicUsages"]) == (1, 1, 0)
    assert (await api.get(f"{MUSIC}/favorites", headers=ANN)).json()["items"] == []
    assert (await api.get(f"{MUSIC}/playlists/{playlist}", headers=ANN)).status_code == 404
