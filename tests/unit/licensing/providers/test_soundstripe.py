"""Soundstripe's JSON:API: what is asked, and what is made of what is included."""

from typing import Any

import pytest

from app.errors import NotFound
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchFilter
from app.models.licensing.tracks import Energy, LicenceCode
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.ports import Call, Reply
from app.services.licensing.providers.soundstripe import SoundstripeProvider
from tests.unit.licensing.providers.scripted import Scripted, configured, example, recorded, reply

NAME = ProviderName.SOUNDSTRIPE
SETUP = configured(NAME, apiKey="k3y")


def _provider(page: Any = None) -> tuple[SoundstripeProvider, Scripted]:
    def answer(call: Call) -> Reply:
        if page is None:
            return reply(recorded(NAME, call))
        return reply(page if call.path == "/songs" else page | {"data": page["data"][0]})

    outbound = Scripted(answer)
    return SoundstripeProvider(outbound), outbound


async def test_filters_are_theirs() -> None:
    provider, outbound = _provider()
    wanted = SearchFilter("sun", "hip hop", "dark", 90, 120, 30, 300, vocals=False, energy=Energy.VERY_LOW)
    page = await provider.search(SETUP, wanted, 3)
    assert outbound.sent[0].params == {
        "filter[q]": "sun",
        "filter[bpm][min]": "90",
        "filter[bpm][max]": "120",
        "filter[duration][min]": "30",
        "filter[duration][max]": "300",
        "filter[energy]": "very_low",
        "filter[instrumental]": "true",
        "filter[tags][genre]": "hip hop",
        "filter[tags][mood]": "dark",
        "page[size]": "50",
        "page[number]": "3",
    }
    assert [one.id for one in page.tracks] == ["7001"], "energy, singing and tags are theirs to tell"
    assert page.total == 8_000


async def test_the_key_goes_into_one_header() -> None:
    provider, outbound = _provider()
    await provider.search(SETUP, SearchFilter(), 1)
    await provider.search(configured(NAME, apiKey="k3y", authScheme="Bearer"), SearchFilter(), 1)
    headers = [dict(one.call.headers or {}) for one in outbound.sent]
    assert headers[0] == {
        "Authorization": "Token k3y",
        "Accept": "application/vnd.api+json",
        "Content-Type": "application/vnd.api+json",
    }
    assert headers[1]["Authorization"] == "Bearer k3y"
    assert "k3y" not in str(outbound.sent[0].params)


@pytest.mark.parametrize("key", ["", "a\nb", "schlüssel"])
async def test_a_key_that_cannot_be_sent_is_a_failure(key: str) -> None:
    provider, outbound = _provider()
    with pytest.raises(ProviderFailed):
        await provider.search(configured(NAME, apiKey=key), SearchFilter(), 1)
    assert outbound.sent == []


async def test_another_licence_is_not_worth_a_call() -> None:
    provider, outbound = _provider()
    page = await provider.search(SETUP, SearchFilter(license=LicenceCode.BY), 1)
    assert (page.tracks, page.total, outbound.sent) == ((), 0, [])


@pytest.mark.parametrize(
    ("instrumental", "vocals"),
    [([True, True], False), ([True, False], True), ([None, False], True), ([None, True], None), ([], None)],
)
async def test_somebody_sings_when_not_all_recordings_are_instrumental(
    instrumental: list[bool | None], vocals: bool | None
) -> None:
    page = example("soundstripe_songs")
    files = [one for one in page["included"] if one["type"] == "audio_files"]
    for file, said in zip(files, instrumental, strict=False):
        file["attributes"]["instrumental"] = said
    if not instrumental:
        page["data"][0]["relationships"]["audio_files"] = {"data": []}
    provider, _ = _provider(page)
    assert (await provider.track(SETUP, "7001")).vocals is vocals


async def test_included_is_found_by_type_and_id() -> None:
    page = example("soundstripe_songs")
    page["included"].insert(
        0, {"id": "70011", "type": "artists", "attributes": {"name": "Somebody else", "duration": 5}}
    )
    page["included"].append("nonsense")
    provider, _ = _provider(page)
    track = await provider.track(SETUP, "7001")
    assert (track.artist, track.duration_ms) == ("Ada Reyes", 146_000)
    page["included"] = []
    track = await provider.track(SETUP, "7001")
    assert (track.artist, track.duration_ms, track.preview_url, track.vocals) == (None, None, None, None)


async def test_the_total_may_stand_beside_the_links() -> None:
    page = example("soundstripe_songs")
    page["links"] = None
    page["meta"] = {"total_count": "12"}
    provider, _ = _provider(page)
    assert (await provider.search(SETUP, SearchFilter(), 1)).total == 12


async def test_a_bad_song_costs_only_itself_and_is_reported_by_a_walk() -> None:
    page = example("soundstripe_songs")
    page["data"] += [{"id": "9", "type": "songs", "attributes": {"title": None}}, "nonsense"]
    provider, outbound = _provider(page)
    assert len((await provider.search(SETUP, SearchFilter(), 1)).tracks) == 1
    walked = await provider.walk(SETUP, "3")
    assert [one.id for one in walked.tracks] == ["7001"]
    assert [(one.track_id, one.query) for one in walked.failed] == [
        ("9", "GET /songs?page%5Bsize%5D=100&page%5Bnumber%5D=3"),
        (None, "GET /songs?page%5Bsize%5D=100&page%5Bnumber%5D=3"),
    ]
    assert walked.failed[0].error == "attributes.title: must be a text that shows something"
    assert "k3y" not in repr(walked.failed)
    assert [one.background for one in outbound.sent] == [False, True]


async def test_a_walk_ends_with_the_total_and_never_before() -> None:
    page = example("soundstripe_songs")
    provider, _ = _provider(page)
    page["links"]["meta"]["total_count"] = 250
    assert [(await provider.walk(SETUP, cursor)).next_cursor for cursor in (None, "2", "3")] == ["2", "3", None]
    page["data"] = []
    with pytest.raises(ProviderFailed, match="does not end where it should"):
        await provider.walk(SETUP, "2")
    assert (await provider.walk(SETUP, "3")).next_cursor is None
    for cursor in ("0", "-1", "x", "1e3", "99999999999999999999"):
        with pytest.raises(ProviderFailed):
            await provider.walk(SETUP, cursor)


async def test_downloads() -> None:
    provider, outbound = _provider()
    assert (await provider.download(SETUP, "7001")).url == "https://audio.example.com/sun.wav"
    assert (await provider.download(SETUP, "7001", "mp3")).url == "https://audio.example.com/sun.mp3"
    assert {one.call.kind for one in outbound.sent} == {"download"}
    with pytest.raises(NotFound):
        await provider.download(SETUP, "7001", "flac")
    with pytest.raises(NotSupported):
        await provider.similar(SETUP, "7001")


async def test_an_unknown_song() -> None:
    outbound = Scripted(lambda _: reply({"errors": [{"detail": "Couldn't find Song", "status": 404}]}, 404))
    with pytest.raises(NotFound):
        await SoundstripeProvider(outbound).track(SETUP, "1")
    assert 404 in outbound.sent[0].call.accepts
    for track_id in ("../artists/1", "1/2", "", "%2e%2e", "1?x=1"):
        with pytest.raises(NotFound):
            await SoundstripeProvider(outbound).track(SETUP, track_id)
    assert len(outbound.sent) == 1
