"""Answers that are small enough to be read, and made to take long, or to leave much behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time
from typing import Any

import pytest

from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchFilter
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Provider
from app.services.licensing.providers.artlist import ArtlistProvider
from app.services.licensing.providers.hooksounds import HookSoundsProvider
from app.services.licensing.providers.internet_archive import InternetArchiveProvider
from app.services.licensing.providers.openverse import OpenverseProvider
from app.services.licensing.providers.soundstripe import SoundstripeProvider
from app.services.licensing.providers.texts import plain
from tests.unit.licensing.providers.scripted import Scripted, configured, example, reply

DEEP = "<ul><li>" * 1_024
MANY = 20_000


@contextmanager
def _quickly(seconds: float) -> Iterator[None]:
    """Everything below took ten times as long, and more, before it was bounded."""
    began = process_time()
    yield
    assert process_time() - began < seconds


def test_deep_markup_is_not_read_as_a_browser_does() -> None:
    with _quickly(1.0):
        assert {plain(f"{DEEP[:8_000]}{number}") for number in range(400)} == {str(number) for number in range(400)}


async def test_what_thousands_of_references_lead_to_is_read_once() -> None:
    references = [{"type": "audio_files", "id": "7"}] * 200
    songs = [
        {"id": str(number), "attributes": {"title": "t"}, "relationships": {"audio_files": {"data": references}}}
        for number in range(1, 6)
    ]
    file = {"type": "audio_files", "id": "7", "attributes": {"description": DEEP, "duration": 3}}
    provider = SoundstripeProvider(Scripted(lambda _: reply({"data": songs, "included": [file]})))
    with _quickly(1.0):
        page = await provider.search(configured(ProviderName.SOUNDSTRIPE), SearchFilter(), 1)
    assert [track.duration_ms for track in page.tracks] == [3_000] * 5


def _hooksounds(terms: list[Any]) -> Provider:
    info = {"id": "1", "title": "t", "category": terms, "tags": terms}
    return HookSoundsProvider(Scripted(lambda _: reply({"products": [{"info": info}]})))


def _artlist(terms: list[Any]) -> Provider:
    songs = example("artlist_songs")
    songs["songs"] = [{**songs["songs"][0], "genreCategories": terms}]
    return ArtlistProvider(Scripted(lambda call: reply(example("artlist_token") if call.kind == "token" else songs)))


def _openverse(terms: list[Any]) -> Provider:
    found = example("openverse_audio")
    found["results"] = [{**found["results"][0], "tags": terms, "genres": [term["name"] for term in terms]}]
    return OpenverseProvider(
        Scripted(lambda call: reply(example("openverse_token") if call.kind == "token" else found))
    )


@pytest.mark.parametrize("make", [_hooksounds, _artlist, _openverse])
async def test_a_track_has_no_more_than_fifty_of_anything(make: Any) -> None:
    provider: Provider = make([{"id": number, "name": f"name {number}"} for number in range(1, MANY)])
    page = await provider.search(configured(provider.policy.name), SearchFilter(), 1)
    for track in page.tracks:
        assert max(map(len, (track.genres, track.moods, track.instruments, track.tags))) <= 50
    assert len(page.tracks) == 1


async def test_a_release_of_too_many_files_is_not_taken() -> None:
    item = {"metadata": {"title": "R"}, "files": [{"name": f"{number}.mp3"} for number in range(MANY)]}
    archive = InternetArchiveProvider(Scripted(lambda _: reply(item)))
    with _quickly(1.0), pytest.raises(ProviderFailed, match="over 5,000 files"):
        await archive.track(configured(ProviderName.INTERNET_ARCHIVE), "x/1.mp3")
