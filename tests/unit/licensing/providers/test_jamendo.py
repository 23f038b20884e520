"""Jamendo: the code in the body decides."""

from datetime import timedelta
from typing import Any

import pytest

from app.errors import NotFound, QuotaExceeded
from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchFilter
from app.models.licensing.tracks import Energy, LicenceCode
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.providers.jamendo import JamendoProvider
from tests.unit.licensing.providers.scripted import SECRET, Scripted, configured, example, reply

SETUP = configured(ProviderName.JAMENDO)


def _provider(status: int = 200, headers: Any = None, **changes: Any) -> tuple[JamendoProvider, Scripted]:
    page = example("jamendo_tracks")
    page["results"][0] |= changes
    if headers is not None:
        page = {"headers": headers, "results": []}
    outbound = Scripted(lambda _: reply(page, status))
    return JamendoProvider(outbound), outbound


async def test_filters_are_theirs() -> None:
    provider, outbound = _provider()
    wanted = SearchFilter("sun", "hip hop", "happy", duration_min_s=60, vocals=False, energy=Energy.HIGH)
    await provider.search(SETUP, wanted, 3)
    assert outbound.sent[0].params == {
        "format": "json", "include": "musicinfo", "search": "sun", "tags": "hiphop happy", "speed": "high veryhigh",
        "vocalinstrumental": "instrumental", "durationbetween": "60_86400", "ccsa": "false", "ccnd": "false",
        "ccnc": "false", "limit": "50", "offset": "100", "fullcount": "true", "client_id": f"{SECRET}clientId",
    }  # fmt: skip


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404])
async def test_a_rate_limit_says_later(status: int) -> None:
    provider, outbound = _provider(status, {"status": "failed", "code": 6, "error_message": "too many"})
    with pytest.raises(QuotaExceeded) as exceeded:
        await provider.search(SETUP, SearchFilter(), 1)
    assert exceeded.value.retry_after == timedelta(hours=1)
    assert status == 200 or status in outbound.sent[0].call.accepts


@pytest.mark.parametrize("code", [1, 4, 5, 11, "5", 99])
async def test_other_codes_are_failures_whatever_the_status_says(code: object) -> None:
    provider, _ = _provider(200, {"status": "success", "code": code, "error_message": f"{SECRET}clientId"})
    for call in (provider.search(SETUP, SearchFilter(), 1), provider.track(SETUP, "1"), provider.similar(SETUP, "1")):
        with pytest.raises(ProviderFailed) as failed:
            await call
        assert SECRET not in str(failed.value)


@pytest.mark.parametrize("headers", [{}, {"code": None}, {"code": "none"}, [], "x"])
async def test_no_code_is_a_failure(headers: object) -> None:
    provider, _ = _provider(200, headers)
    with pytest.raises(ProviderFailed):
        await provider.search(SETUP, SearchFilter(), 1)


async def test_code_zero_is_good_under_any_status_word() -> None:
    page = example("jamendo_tracks")
    page["headers"] |= {"status": "failed", "code": "0"}
    provider = JamendoProvider(Scripted(lambda _: reply(page)))
    assert len((await provider.search(SETUP, SearchFilter(), 1)).tracks) == 1


@pytest.mark.parametrize("slug", ["by-nc", "by-nc-sa", "by-nc-nd", "by-nd", "by-sa"])
async def test_only_by_is_offered(slug: str) -> None:
    provider, _ = _provider(license_ccurl=f"http://creativecommons.org/licenses/{slug}/3.0/")
    assert (await provider.search(SETUP, SearchFilter(), 1)).tracks == ()
    assert await provider.similar(SETUP, "1848357") == ()
    licence = (await provider.track(SETUP, "1848357")).licence
    assert (licence.code, licence.is_usable) == (LicenceCode(slug), False)


@pytest.mark.parametrize(
    ("said", "energy"), [("verylow", Energy.VERY_LOW), ("veryhigh", Energy.HIGH), ("", None), ("fast", None)]
)
async def test_speed_stands_for_energy(said: str, energy: Energy | None) -> None:
    info = example("jamendo_tracks")["results"][0]["musicinfo"] | {"speed": said, "tags": []}
    provider, _ = _provider(musicinfo=info)
    track = await provider.track(SETUP, "1848357")
    assert (track.energy, track.genres) == (energy, ())


async def test_php_sends_lists_for_empty_objects() -> None:
    provider, _ = _provider(musicinfo=[], shareurl="", album_name="")
    track = await provider.track(SETUP, "1848357")
    assert (track.vocals, track.page_url, track.album) == (None, None, None)


async def test_downloads_need_the_artists_leave() -> None:
    provider, outbound = _provider()
    assert (await provider.download(SETUP, "1848357", "flac")).format == "flac"
    assert outbound.sent[0].params["audiodlformat"] == "flac"
    for changes in ({"audiodownload_allowed": False}, {"audiodownload": ""}):
        provider, _ = _provider(**changes)
        with pytest.raises(NotFound):
            await provider.download(SETUP, "1848357")


async def test_unknown_tracks_and_a_catalogue_that_may_not_be_copied() -> None:
    provider, _ = _provider(200, {"code": 0})
    with pytest.raises(NotFound):
        await provider.track(SETUP, "1")
    with pytest.raises(NotSupported):
        await provider.walk(SETUP, None)
