"""Openverse: open licences, checked again one by one, and a 401 that has two meanings."""

from typing import Any

import pytest

from app.errors import NotFound
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchFilter
from app.models.licensing.tracks import LicenceCode
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.providers.openverse import OpenverseProvider
from tests.unit.licensing.providers.scripted import SECRET, Scripted, configured, example, recorded, reply

NAME = ProviderName.OPENVERSE
SETUP = configured(NAME)
WITH_TOKEN = configured(NAME, clientId="id", clientSecret=f"{SECRET}x")
ID = "8624ba61-57f1-4f98-8a85-ece206c319cf"


def _provider(**changes: Any) -> tuple[OpenverseProvider, Scripted]:
    page = example("openverse_audio")
    page["results"][0] |= changes

    def answer(call: Any) -> Any:
        if call.kind == "token":
            return reply(recorded(NAME, call))
        return reply(page if call.path.endswith(("/audio/", "/related/")) else page["results"][0])

    outbound = Scripted(answer)
    return OpenverseProvider(outbound), outbound


async def test_filters_are_theirs() -> None:
    provider, outbound = _provider()
    wanted = SearchFilter("sun", "electronic", "hopeful", duration_min_s=90, duration_max_s=300)
    page = await provider.search(SETUP, wanted, 2)
    assert outbound.sent[0].params == {
        "q": "sun electronic hopeful", "license": "cc0,pdm,by", "category": "music", "length": "short,medium",
        "page_size": "20", "page": "2",
    }  # fmt: skip
    assert outbound.sent[0].call.path == "/audio/"
    assert outbound.sent[0].call.headers is None
    assert len(page.tracks) == 1
    await provider.search(SETUP, SearchFilter("x" * 300, license=LicenceCode.CC0), 1)
    assert outbound.sent[1].params["license"] == "cc0"
    assert len(outbound.sent[1].params["q"]) == 200


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"license": "by-nc", "license_url": "https://creativecommons.org/licenses/by-nc/4.0/"}, LicenceCode.BY_NC),
        ({"license": "by", "license_url": "https://creativecommons.org/licenses/by-nc/4.0/"}, LicenceCode.UNKNOWN),
        ({"license": "cc0"}, LicenceCode.UNKNOWN),
        ({"license": "BY"}, LicenceCode.UNKNOWN),
        ({"license": None}, LicenceCode.UNKNOWN),
        ({"license": "contract", "license_url": None}, LicenceCode.UNKNOWN),
        ({"license_url": "javascript:alert(1)"}, LicenceCode.UNKNOWN),
        (
            {"license": "sampling+", "license_url": "https://creativecommons.org/licenses/sampling+/1.0/"},
            LicenceCode.SAMPLING,
        ),
    ],
)
async def test_a_licence_that_is_not_surely_free_is_never_offered(changes: dict[str, Any], code: LicenceCode) -> None:
    provider, _ = _provider(**changes)
    assert (await provider.search(SETUP, SearchFilter(), 1)).tracks == ()
    assert await provider.similar(SETUP, ID) == ()
    track = await provider.track(SETUP, ID)
    assert track.licence.code is code
    assert not track.licence.is_usable


async def test_public_domain() -> None:
    provider, _ = _provider(
        license="pdm", license_version="1.0", license_url="https://creativecommons.org/publicdomain/mark/1.0/"
    )
    licence = (await provider.search(SETUP, SearchFilter(), 1)).tracks[0].licence
    assert (licence.code, licence.version) == (LicenceCode.PDM, "1.0")


async def test_nothing_is_asked_beyond_the_depth_nor_for_what_is_never_said() -> None:
    provider, outbound = _provider()
    assert (await provider.search(SETUP, SearchFilter("sun"), 13)).entry_count == 0
    assert (await provider.search(SETUP, SearchFilter(bpm_min=1), 1)).tracks == ()
    assert (await provider.search(SETUP, SearchFilter(license=LicenceCode.BY_SA), 1)).tracks == ()
    assert outbound.sent == []
    assert (await provider.search(SETUP, SearchFilter("sun"), 12)).entry_count == 1


async def test_a_401_about_paging_is_the_end_and_costs_no_token() -> None:
    detail = {"detail": "pagination depth may not exceed 240 for anonymous requests"}
    outbound = Scripted(lambda call: reply(recorded(NAME, call)) if call.kind == "token" else reply(detail, 401))
    page = await OpenverseProvider(outbound).search(WITH_TOKEN, SearchFilter("sun"), 5)
    assert (page.tracks, page.entry_count) == ((), 0)
    assert [one.call.kind for one in outbound.sent] == ["token", "search"]


@pytest.mark.parametrize("body", [{"detail": "Invalid token."}, b"<html>", {"detail": 5}, []])
async def test_any_other_401_is_a_bad_token(body: object) -> None:
    outbound = Scripted(lambda call: reply(recorded(NAME, call)) if call.kind == "token" else reply(body, 401))
    with pytest.raises(ProviderFailed):
        await OpenverseProvider(outbound).search(WITH_TOKEN, SearchFilter("sun"), 5)
    assert [one.call.kind for one in outbound.sent] == ["token", "search", "token", "search"]


async def test_a_token_is_asked_for_with_a_form() -> None:
    provider, outbound = _provider()
    await provider.search(WITH_TOKEN, SearchFilter(), 1)
    grant, search = (one.call for one in outbound.sent)
    assert (grant.path, grant.method, grant.is_counted) == ("/auth_tokens/token/", "POST", False)
    assert grant.form == {"grant_type": "client_credentials", "client_id": "id", "client_secret": f"{SECRET}x"}
    assert (search.headers or {})["Authorization"] == "Bearer DLBYIcfnKfolaXKcmMC8RIDCavc2hW"


async def test_what_may_be_null() -> None:
    provider, _ = _provider(
        title=None, url=None, creator=None, duration=None, genres=None, tags=None, audio_set=None, filetype=None,
        thumbnail=None, foreign_landing_url=None, license_version=None,
    )  # fmt: skip
    track = await provider.track(SETUP, ID)
    assert (track.title, track.artist, track.duration_ms, track.preview_url, track.album) == (
        "",
        None,
        None,
        None,
        None,
    )
    assert track.licence.version == "4.0"
    assert track.licence.attribution is not None
    assert "Source" not in track.licence.attribution
    with pytest.raises(NotFound):
        await provider.download(SETUP, ID)


async def test_downloads_have_the_one_format() -> None:
    provider, _ = _provider()
    assert (await provider.download(SETUP, ID)).url == "https://audio.example.com/sun.mp3"
    assert (await provider.download(SETUP, ID, "mp3")).format == "mp3"
    with pytest.raises(NotFound):
        await provider.download(SETUP, ID, "flac")


async def test_nothing_may_be_mirrored() -> None:
    provider, outbound = _provider()
    with pytest.raises(NotSupported):
        await provider.walk(SETUP, None)
    assert outbound.sent == []
