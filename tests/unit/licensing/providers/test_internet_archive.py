"""The Internet Archive: releases that become tracks, one for each song."""

from collections.abc import Iterable
from typing import Any

import pytest

from app.errors import NotFound, QuotaExceeded
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchFilter
from app.models.licensing.tracks import Energy, FailedTrack, LicenceCode, ProviderTrack
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.ports import Call, Reply
from app.services.licensing.providers.internet_archive import InternetArchiveProvider
from app.services.licensing.sync.ports import SparingProvider
from tests.unit.licensing.providers.scripted import Scripted, configured, example, reply

NAME = ProviderName.INTERNET_ARCHIVE
SETUP = configured(NAME)
FREE = "https://creativecommons.org/licenses/by/4.0/"


def _file(name: str, source: str = "original", **more: Any) -> dict[str, Any]:
    return {"name": name, "source": source, "format": "?", "length": "60", **more}


def _item(*files: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {"files": list(files), "metadata": {"title": "R", "creator": "C", "licenseurl": FREE, **facts}}


def _archive(items: dict[str, Any], found: int | None = None) -> tuple[InternetArchiveProvider, Scripted]:
    def answer(call: Call) -> Reply:
        if call.path.startswith("/metadata/"):
            item = items.get(call.path.removeprefix("/metadata/"), {})
            if isinstance(item, Exception):
                raise item
            return reply(item)
        params = dict(call.params)
        start = (int(params["page"]) - 1) * int(params["rows"])
        docs = [{"identifier": name} for name in items][start : start + int(params["rows"])]
        return reply({"response": {"numFound": len(items) if found is None else found, "docs": docs}})

    outbound = Scripted(answer)
    return InternetArchiveProvider(outbound), outbound


async def _tracks(item: dict[str, Any]) -> tuple[ProviderTrack, ...]:
    archive, _ = _archive({"x": item})
    return (await archive.walk(SETUP, None)).tracks


async def test_one_track_for_each_song_whatever_it_is_there_in() -> None:
    item = _item(
        _file("01.mp3", "derivative", original="01.flac"),
        _file("01.ogg", "derivative", original="01.flac"),
        _file("01.flac"),
        _file("02.mp3"),
        _file("02.wav"),
        _file("side b/03.ogg"),
        _file("04.flac", "derivative", original="04.mp3"),
        _file("04.mp3"),
        _file("lost.mp3", "derivative", original="lost.shn"),
        _file("cover.jpg"),
    )
    tracks = await _tracks(item)
    assert [one.id for one in tracks] == ["x/01.flac", "x/02.wav", "x/side b/03.ogg", "x/04.mp3"]
    assert [one.preview_url for one in tracks] == [
        "https://archive.org/download/x/01.mp3",
        "https://archive.org/download/x/02.mp3",
        "https://archive.org/download/x/side%20b/03.ogg",
        "https://archive.org/download/x/04.mp3",
    ]


@pytest.mark.parametrize(
    "licence",
    [
        None, "", "https://creativecommons.org/licenses/by-nc/4.0/", "https://creativecommons.org/licenses/by-sa/4.0/",
        "https://example.com/licenses/by/4.0/", "Public Domain", [], ["nonsense", FREE],
    ],
)  # fmt: skip
async def test_releases_without_a_listed_licence_are_skipped(licence: object) -> None:
    item = _item(_file("1.mp3"), licenseurl=licence)
    assert await _tracks(item) == ()
    archive, _ = _archive({"x": item})
    assert (await archive.search(SETUP, SearchFilter(), 1)).tracks == ()
    assert not (await archive.track(SETUP, "x/1.mp3")).licence.is_usable


async def test_values_alone_or_in_lists() -> None:
    item = _item(
        _file("1.mp3", title=["T"], length=["2:26"]),
        title=["R"], creator=["A", "B"], subject="ambient; drone", licenseurl=[FREE],
    )  # fmt: skip
    track = (await _tracks(item))[0]
    assert (track.title, track.album, track.artist, track.duration_ms) == ("T", "R", "A, B", 146_000)
    assert track.genres == ("ambient", "drone")


@pytest.mark.parametrize(
    "name", ["../x.mp3", "/x.mp3", "a//b.mp3", "a/./b.mp3", "a\x00.mp3", "\u202egpm.mp3", "x" * 500 + ".mp3"]
)
async def test_names_of_files_that_lead_elsewhere_cost_only_themselves(name: str) -> None:
    archive, _ = _archive({"x": _item(_file(name), _file("ok.mp3"))})
    page = await archive.walk(SETUP, None)
    assert [one.id for one in page.tracks] == ["x/ok.mp3"]
    assert [one.query for one in page.failed] == ["GET /metadata/x"]


async def test_a_walk_reads_ten_releases_a_page_and_goes_on_in_order() -> None:
    archive, outbound = _archive({f"i{number}": _item(_file("1.mp3")) for number in range(25)})
    met, cursor = [], None
    for expected in ("2", "3", None):
        page = await archive.walk(SETUP, cursor)
        met += [one.id for one in page.tracks]
        cursor = page.next_cursor
        assert cursor == expected
    assert met == [f"i{number}/1.mp3" for number in range(25)]
    assert len(outbound.sent) == 3 + 25
    assert all(one.background for one in outbound.sent)
    assert outbound.sent[0].params["sort[]"] == "identifier asc"


async def test_releases_that_are_not_due_cost_no_call() -> None:
    archive, outbound = _archive({name: _item(_file("1.mp3")) for name in ("a", "b", "c")})
    listed: list[list[str]] = []

    async def not_due(items: Iterable[str]) -> frozenset[str]:
        listed.append(list(items))
        return frozenset({"b"})

    assert isinstance(archive, SparingProvider)
    sparing = await archive.walk_sparingly(SETUP, None, (), not_due)
    assert [one.id for one in sparing.page.tracks] == ["a/1.mp3", "c/1.mp3"]
    assert (sparing.kept, listed) == (("b",), [["a", "b", "c"]])
    assert len(outbound.sent) == 1 + 2


async def test_a_walk_ends_where_the_search_does() -> None:
    archive, _ = _archive({"x": _item(_file("1.mp3"))}, found=27_000)
    assert (await archive.walk(SETUP, "1")).next_cursor == "2"
    with pytest.raises(ProviderFailed):
        await archive.walk(SETUP, "999")
    with pytest.raises(ProviderFailed):
        await archive.walk(SETUP, "500000")
    assert (await archive.walk(SETUP, "1000")).next_cursor is None


async def test_one_release_that_fails_is_reported_and_all_are_a_failure() -> None:
    failure = ProviderFailed(NAME, "Internet Archive answered 500", status=500)
    archive, _ = _archive({"bad": failure, "good": _item(_file("1.mp3")), "gone": {}})
    page = await archive.walk(SETUP, None)
    assert [one.id for one in page.tracks] == ["good/1.mp3"]
    assert page.failed == (FailedTrack("bad", "GET /metadata/bad", failure.message),)
    assert len((await archive.search(SETUP, SearchFilter(), 1)).tracks) == 1
    archive, _ = _archive({"bad": failure, "worse": failure})
    with pytest.raises(ProviderFailed):
        await archive.walk(SETUP, None)


async def test_an_open_breaker_or_no_quota_stops_the_page() -> None:
    for stop in (ProviderFailed(NAME, "", is_open=True), QuotaExceeded("", retry_after=None)):  # type: ignore[arg-type]
        archive, _ = _archive({"good": _item(_file("1.mp3")), "bad": stop})
        with pytest.raises(type(stop)):
            await archive.search(SETUP, SearchFilter(), 1)
        with pytest.raises(type(stop)):
            await archive.walk(SETUP, None)


async def test_a_search_shows_the_best_four_of_each_release() -> None:
    files = [_file(f"{number}.mp3", title=f"Song {number}") for number in range(9)] + [
        _file("z.mp3", title="Green Sun")
    ]
    archive, outbound = _archive({f"i{number}": _item(*files) for number in range(7)})
    page = await archive.search(SETUP, SearchFilter("sun"), 1)
    assert len(page.tracks) == page.entry_count == archive.policy.search_page_size == 20
    assert [one.title for one in page.tracks[:4]] == ["Green Sun", "Song 0", "Song 1", "Song 2"]
    assert len(outbound.sent) == 1 + 5
    assert not any(one.background for one in outbound.sent)
    second = await archive.search(SETUP, SearchFilter("sun"), 2)
    assert (len(second.tracks), second.entry_count) == (8, 8)


async def test_words_of_people_are_never_syntax() -> None:
    archive, outbound = _archive({})
    await archive.search(SETUP, SearchFilter('sun) OR licenseurl:* "x\\', genre="hip-hop", license=LicenceCode.CC0), 1)
    assert outbound.sent[0].params["q"] == (
        r"mediatype:audio AND collection:netlabels AND licenseurl:(*creativecommons.org\/publicdomain\/zero*)"
        ' AND sun AND or AND licenseurl AND x AND subject:"hip hop"'
    )
    await archive.search(SETUP, SearchFilter(), 1)
    assert outbound.sent[1].params["q"] == (
        "mediatype:audio AND collection:netlabels"
        r" AND licenseurl:(*creativecommons.org\/publicdomain* OR *licenses\/by\/*)"
    )


@pytest.mark.parametrize(
    "wanted",
    [
        SearchFilter(bpm_min=1),
        SearchFilter(vocals=False),
        SearchFilter(energy=Energy.LOW),
        SearchFilter(license=LicenceCode.CONTRACT),
    ],
)
async def test_what_is_never_said_is_not_worth_a_call(wanted: SearchFilter) -> None:
    archive, outbound = _archive({"x": _item(_file("1.mp3"))})
    assert (await archive.search(SETUP, wanted, 1)).tracks == ()
    assert outbound.sent == []


async def test_unknown_tracks() -> None:
    archive, outbound = _archive({"x": example("internet_archive_item")})
    for track_id in ("none/1.mp3", "x", "x/none.flac", "x/01 sun.mp3", "x/cover.jpg"):
        with pytest.raises(NotFound):
            await archive.track(SETUP, track_id)
    asked = len(outbound.sent)
    for track_id in ("../etc/1.mp3", "", "a?b/1.mp3", "a b/1.mp3", "-x/1.mp3", "ü/1.mp3", "x\n/1.mp3"):
        with pytest.raises(NotFound):
            await archive.track(SETUP, track_id)
    assert len(outbound.sent) == asked


async def test_an_error_with_a_good_status_is_no_word_on_what_there_is() -> None:
    archive, _ = _archive({"x": {"error": "Something broke"}})
    with pytest.raises(ProviderFailed, match="answered with an error"):
        await archive.track(SETUP, "x/1.mp3")


async def test_downloads() -> None:
    archive, _ = _archive({"x": example("internet_archive_item")})
    original = await archive.download(SETUP, "x/01 sun.flac")
    assert (original.url, original.format) == ("https://archive.org/download/x/01%20sun.flac", "flac")
    assert (await archive.download(SETUP, "x/01 sun.flac", "mp3")).url == "https://archive.org/download/x/01%20sun.mp3"
    with pytest.raises(NotFound):
        await archive.download(SETUP, "x/01 sun.flac", "wav")
