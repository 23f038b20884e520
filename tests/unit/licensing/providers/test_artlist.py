"""Artlist: its tokens, its twenty a page, its categories that are partly secret."""

from base64 import b64decode

import pytest

from app.errors import NotFound
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchFilter
from app.models.licensing.tracks import Energy
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.providers.artlist import TOKEN_URL, ArtlistProvider
from tests.unit.licensing.providers.scripted import Scripted, configured, example, recorded, reply

NAME = ProviderName.ARTLIST
SETUP = configured(NAME)


def _provider() -> tuple[ArtlistProvider, Scripted]:
    outbound = Scripted(lambda call: reply(recorded(NAME, call)))
    return ArtlistProvider(outbound), outbound


async def test_the_token_is_asked_for_with_the_secret_and_the_rest_with_the_token() -> None:
    provider, outbound = _provider()
    await provider.search(SETUP, SearchFilter(), 1)
    grant, search = (one.call for one in outbound.sent)
    assert (grant.method, grant.url, grant.is_counted) == ("POST", TOKEN_URL, False)
    assert grant.form == {"grant_type": "client_credentials"}
    basic = (grant.headers or {})["Authorization"].removeprefix("Basic ")
    assert b64decode(basic) == b"s3cret-clientId:s3cret-clientSecret"
    assert (search.headers or {})["Authorization"] == "Bearer eyJhbGciOi.token"
    assert (search.url, search.path) == (None, "/search/v1/song")
    elsewhere = configured(NAME, tokenUrl="https://tokens.example.com/t")
    await provider.search(elsewhere, SearchFilter(), 1)
    assert outbound.sent[2].call.url == "https://tokens.example.com/t"


async def test_filters_are_theirs() -> None:
    provider, outbound = _provider()
    wanted = SearchFilter("sun", "electronic", "hopeful", 90, 130, 30, 300, vocals=True)
    page = await provider.search(SETUP, wanted, 4)
    assert sorted(outbound.counted[0].call.params) == [
        ("bpmMax", "130"), ("bpmMin", "90"), ("categoryIds", "64"), ("categoryIds", "78"), ("durationMax", "300"),
        ("durationMin", "30"), ("page", "4"), ("query", "sun"), ("vocalType", "VOCAL"),
    ]  # fmt: skip
    assert len(page.tracks) == 1
    assert (page.total, page.entry_count) == (1, 1)


async def test_what_is_out_of_their_range_is_sifted_here() -> None:
    provider, outbound = _provider()
    wanted = SearchFilter(bpm_min=250, bpm_max=300, duration_min_s=100, duration_max_s=900)
    assert (await provider.search(SETUP, wanted, 1)).tracks == ()
    assert outbound.counted[0].params == {"bpmMin": "200", "durationMin": "100", "page": "1"}


async def test_a_category_without_a_known_number_is_a_word_and_sifted() -> None:
    provider, outbound = _provider()
    assert (await provider.search(SETUP, SearchFilter("sun", genre="rock"), 1)).tracks == ()
    assert outbound.counted[0].params == {"query": "sun rock", "page": "1"}
    assert len((await provider.search(SETUP, SearchFilter(mood="vlog"), 1)).tracks) == 1
    told = configured(NAME, categoryIds="Rock = 17, nonsense, calm=33")
    assert len((await provider.search(told, SearchFilter("sun", genre="rock", mood="calm"), 1)).tracks) == 1
    assert outbound.counted[-1].call.params == (
        ("query", "sun"),
        ("categoryIds", "17"),
        ("categoryIds", "33"),
        ("page", "1"),
    )


async def test_energy_is_neither_said_nor_searched() -> None:
    provider, outbound = _provider()
    assert (await provider.search(SETUP, SearchFilter(energy=Energy.LOW), 1)).tracks == ()
    assert outbound.sent == []


async def test_everything_below_search_is_counted_as_a_search() -> None:
    provider, outbound = _provider()
    await provider.search(SETUP, SearchFilter(), 1)
    await provider.track(SETUP, "52233")
    await provider.walk(SETUP, None)
    await provider.download(SETUP, "52233")
    assert [one.call.kind for one in outbound.counted] == ["search", "search", "search", "download"]
    assert [one.background for one in outbound.counted] == [False, False, True, True]


async def test_a_walk_of_forty_songs_has_two_pages() -> None:
    page = example("artlist_songs") | {"total": 40}
    provider = ArtlistProvider(Scripted(lambda call: reply(page if call.kind == "search" else recorded(NAME, call))))
    assert (await provider.walk(SETUP, None)).next_cursor == "2"
    assert (await provider.walk(SETUP, "2")).next_cursor is None


async def test_downloads() -> None:
    provider, outbound = _provider()
    assert (await provider.download(SETUP, "52233")).format == "wav"
    await provider.download(SETUP, "52233", "mp3")
    assert [one.call.path for one in outbound.counted] == [
        "/download/v1/downloadable/song/52233/wave",
        "/download/v1/downloadable/song/52233/mp3",
    ]
    with pytest.raises(NotFound):
        await provider.download(SETUP, "52233", "flac")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "", None, "/x"])
async def test_a_download_without_an_address_is_a_failure(url: str | None) -> None:
    outbound = Scripted(lambda call: reply({"url": url} if call.kind == "download" else recorded(NAME, call)))
    with pytest.raises(ProviderFailed):
        await ArtlistProvider(outbound).download(SETUP, "52233")


async def test_a_token_refused_twice_is_a_failure() -> None:
    outbound = Scripted(lambda call: reply({}, 401) if call.kind == "search" else reply(recorded(NAME, call)))
    with pytest.raises(ProviderFailed) as failed:
        await ArtlistProvider(outbound).search(SETUP, SearchFilter(), 1)
    assert failed.value.status == 401
    assert [one.call.kind for one in outbound.sent] == ["token", "search", "token", "search"]
