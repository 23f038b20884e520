"""The same song in six wire formats is the same track."""

from dataclasses import asdict, replace

import pytest

from app.models.licensing.providers import ProviderName
from app.models.licensing.search import SearchFilter
from app.models.licensing.tracks import Energy, LicenceCode, LicenceFacts, ProviderTrack
from app.services.licensing.providers.registry import build_providers
from tests.unit.licensing.providers.scripted import TRACK_IDS, Scripted, configured, recorded, reply

_CONTRACT = LicenceFacts(LicenceCode.CONTRACT)
WHOLE = ProviderTrack(
    provider=ProviderName.SOUNDSTRIPE,
    id="",
    title="Sun & Rain",
    licence=_CONTRACT,
    artist="Ada Reyes",
    album="Field Notes",
    duration_ms=146_000,
    bpm=118.0,
    key="A minor",
    genres=("electronic",),
    moods=("hopeful",),
    instruments=("piano",),
    energy=Energy.HIGH,
    vocals=False,
    explicit=False,
    preview_url="https://audio.example.com/sun.mp3",
    artwork_url="https://audio.example.com/sun.jpg",
    page_url="https://music.example.com/sun-rain",
    content_id_free=True,
)
"""All that the six say between them."""

UNSAID = {
    ProviderName.SOUNDSTRIPE: {"album", "energy", "artwork_url", "page_url", "content_id_free"},
    ProviderName.ARTLIST: {"key", "energy", "vocals", "explicit", "page_url", "content_id_free"},
    ProviderName.HOOKSOUNDS: {
        "artist", "album", "key", "instruments", "energy", "vocals", "explicit", "content_id_free",
    },
    ProviderName.OPENVERSE: {"bpm", "key", "moods", "instruments", "content_id_free"},
    ProviderName.INTERNET_ARCHIVE: {
        "bpm", "key", "moods", "instruments", "energy", "vocals", "explicit", "artwork_url", "content_id_free",
    },
    ProviderName.JAMENDO: {"bpm", "key", "explicit"},
}  # fmt: skip
OWN = {"provider", "id", "licence", "tags", "modified_at"}


async def _track(name: ProviderName) -> ProviderTrack:
    outbound = Scripted(lambda call: reply(recorded(name, call)))
    return await build_providers(outbound)[name].track(configured(name), TRACK_IDS[name])


@pytest.mark.parametrize("name", ProviderName)
async def test_a_track_is_the_same_whoever_offers_it(name: ProviderName) -> None:
    said, whole = asdict(await _track(name)), asdict(WHOLE)
    if name is ProviderName.INTERNET_ARCHIVE:
        whole["preview_url"] = "https://archive.org/download/field-notes-001/01%20sun.mp3"
        whole["page_url"] = "https://archive.org/details/field-notes-001"
    for field in whole.keys() - OWN:
        if field in UNSAID[name]:
            assert said[field] in (None, ()), field
        else:
            assert said[field] == whole[field], field


@pytest.mark.parametrize("name", ProviderName)
async def test_a_search_gives_the_very_track_that_its_id_does(name: ProviderName) -> None:
    outbound = Scripted(lambda call: reply(recorded(name, call)))
    page = await build_providers(outbound)[name].search(configured(name), SearchFilter(query="sun"), 1)
    assert page.tracks == (await _track(name),)
    assert page.tracks[0].id == TRACK_IDS[name]
    assert page.tracks[0].provider is name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (ProviderName.SOUNDSTRIPE, _CONTRACT),
        (ProviderName.ARTLIST, _CONTRACT),
        (ProviderName.HOOKSOUNDS, _CONTRACT),
        (
            ProviderName.OPENVERSE,
            LicenceFacts(
                LicenceCode.BY,
                "4.0",
                "https://creativecommons.org/licenses/by/4.0/",
                '"Sun & Rain" by Ada Reyes is licensed under CC BY 4.0. To view a copy of this license, visit'
                " https://creativecommons.org/licenses/by/4.0/. Source: https://music.example.com/sun-rain",
            ),
        ),
        (
            ProviderName.INTERNET_ARCHIVE,
            LicenceFacts(
                LicenceCode.CC0,
                "1.0",
                "http://creativecommons.org/publicdomain/zero/1.0/",
                '"Sun & Rain" by Ada Reyes (https://archive.org/details/field-notes-001) is licensed under CC0 1.0'
                " (http://creativecommons.org/publicdomain/zero/1.0/)",
            ),
        ),
        (
            ProviderName.JAMENDO,
            LicenceFacts(
                LicenceCode.BY,
                "3.0",
                "http://creativecommons.org/licenses/by/3.0/",
                '"Sun & Rain" by Ada Reyes on Jamendo (https://music.example.com/sun-rain) is licensed under CC BY 3.0'
                " (http://creativecommons.org/licenses/by/3.0/)",
            ),
        ),
    ],
)
async def test_licence_facts(name: ProviderName, expected: LicenceFacts) -> None:
    assert replace((await _track(name)).licence, raw={}) == expected


async def test_raw_facts_are_kept_as_they_were_sent() -> None:
    assert (await _track(ProviderName.INTERNET_ARCHIVE)).licence.raw == {
        "licenseurl": "http://creativecommons.org/publicdomain/zero/1.0/",
        "md5": "92eb5ffee6ae2fec3ad71c777531578f",
    }
    assert (await _track(ProviderName.JAMENDO)).licence.raw == {
        "license_ccurl": "http://creativecommons.org/licenses/by/3.0/",
        "content_id_free": "true",
        "audiodownload_allowed": "true",
    }
    assert (await _track(ProviderName.OPENVERSE)).licence.raw["license_version"] == "4.0"
    assert (await _track(ProviderName.SOUNDSTRIPE)).licence.raw == {}
