"""Whatever a provider sends, only its own errors come out, and what comes out is safe to keep and to show."""

import unicodedata
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import NotFound, QuotaExceeded
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.tracks import CataloguePage, DownloadAddress, ProviderTrack
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.ports import Call, Provider, Reply
from app.services.licensing.providers.registry import build_providers
from tests.unit.licensing.providers.mutating import bodies
from tests.unit.licensing.providers.scripted import SECRET, TRACK_IDS, Scripted, configured, recorded, reply

ALLOWED = (ProviderFailed, NotFound, QuotaExceeded, NotSupported)
WANTED = (
    SearchFilter(),
    SearchFilter(query="sun", genre="electronic"),
    SearchFilter(duration_min_s=1, duration_max_s=1_000, mood="hopeful"),
)
_OAUTH = {"clientId": f"{SECRET}id", "clientSecret": f"{SECRET}secret"}


def _methods(provider: Provider, setup: ProviderSetup) -> list[Callable[[], Awaitable[object]]]:
    track_id = TRACK_IDS[setup.name]
    return [
        *(lambda wanted=wanted: provider.search(setup, wanted, 1) for wanted in WANTED),
        lambda: provider.track(setup, track_id),
        lambda: provider.walk(setup, None, ("electronic",)),
        lambda: provider.walk(setup, "2"),
        lambda: provider.download(setup, track_id),
        lambda: provider.similar(setup, track_id),
    ]


@pytest.mark.parametrize("name", ProviderName)
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_only_its_own_errors_come_out(name: ProviderName, data: st.DataObject) -> None:
    drawn: dict[tuple[str, str], Reply] = {}

    def answer(call: Call) -> Reply:
        key = (call.kind, call.path)
        if key not in drawn:
            status = data.draw(st.sampled_from([200] * 12 + sorted(call.accepts)))
            drawn[key] = Reply(status, {}, data.draw(bodies(recorded(name, call))))
        return drawn[key]

    setup = configured(name, **(_OAUTH if name is ProviderName.OPENVERSE else {}))
    call = data.draw(st.sampled_from(_methods(build_providers(Scripted(answer))[name], setup)))
    given_back = await _outcome(call)
    assert SECRET not in str(given_back)
    if not isinstance(given_back, ALLOWED):
        _check(given_back)


async def _outcome(call: Callable[[], Awaitable[object]]) -> object:
    try:
        return await call()
    except ALLOWED as error:
        return error


@pytest.mark.parametrize("name", ProviderName)
async def test_unbroken_answers_pass(name: ProviderName) -> None:
    """The mutations start from something that works, so that they find more than one early refusal."""
    provider = build_providers(Scripted(lambda call: reply(recorded(name, call))))[name]
    for call in _methods(provider, configured(name)):
        with suppress(NotSupported):
            _check(await call())


def _check(given_back: object) -> None:
    match given_back:
        case SearchPage():
            assert all(track.licence.is_usable for track in given_back.tracks)
            tracks = given_back.tracks
        case CataloguePage():
            assert all(track.licence.is_usable for track in given_back.tracks)
            assert SECRET not in repr(given_back.failed)
            tracks = given_back.tracks
        case ProviderTrack():
            tracks = (given_back,)
        case DownloadAddress():
            _check_address(given_back.url)
            tracks = ()
        case _:
            tracks = given_back
    for track in tracks:
        _check_track(track)


def _check_track(track: ProviderTrack) -> None:
    repr(asdict(track)).encode()
    for text in (track.title, track.artist, track.album, track.key, *track.genres, *track.moods, *track.tags):
        if text is not None:
            assert len(text) <= 512
            assert not any(unicodedata.category(one) in {"Cc", "Cs"} for one in text), text
            assert "<script" not in text.lower()
    for url in (track.preview_url, track.artwork_url, track.page_url, track.licence.url):
        if url is not None:
            _check_address(url)
    for value in track.licence.raw.values():
        value.encode()
        assert "\x00" not in value
    assert track.duration_ms is None or 0 < track.duration_ms < 2**53
    assert track.bpm is None or 0 < track.bpm <= 1_000
    assert 0 < len(track.id) <= 600


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    assert parts.scheme in {"http", "https"}
    assert parts.hostname
    assert "@" not in parts.netloc
    assert len(url) <= 2_048
    url.encode()
