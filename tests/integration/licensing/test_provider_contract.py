"""What every provider owes its callers: the one in memory, and all six adapters over real sockets."""

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from app.errors import NotFound
from app.models.licensing.providers import ProviderName, ProviderSetup, RateLimit
from app.models.licensing.search import SearchFilter, SearchPage
from app.models.licensing.tracks import Energy, LicenceCode, LicenceFacts, ProviderTrack
from app.repositories.mongo import Mongo
from app.services.licensing.errors import NotSupported, ProviderFailed
from app.services.licensing.ports import Call, Outbound, Provider, Reply
from app.services.licensing.providers.registry import build_providers
from app.services.licensing.providers.sifting import is_of_genres, matches
from tests.integration.licensing.calling import calling
from tests.licensing.fake_provider import FakeProvider, policy, setup, track
from tests.licensing.sandbox import Sandbox

FAKE = "fake"
SIGNED = {ProviderName.SOUNDSTRIPE, ProviderName.ARTLIST}
"""Whose addresses of audio are others in every answer."""


@dataclass
class Recording:
    """The real way out, and which calls were made in the background."""

    outbound: Outbound
    backgrounds: list[tuple[str, bool]] = field(default_factory=list)

    async def send(self, setup: ProviderSetup, call: Call, *, background: bool = False) -> Reply:
        self.backgrounds.append((call.kind, background))
        return await self.outbound.send(setup, call, background=background)


@dataclass
class Subject:
    """A provider, and what it is known to have: `{id, usable, title, artist, duration, genres, ...}`."""

    provider: Provider
    setup: ProviderSetup
    known: Sequence[dict[str, Any]]
    outbound: Recording | None = None

    @property
    def usable(self) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in self.known if one["usable"]}

    @property
    def indexed(self) -> list[str]:
        """What a walk can meet: the Archive's list is that of its search, whose index is not always up to date."""
        if self.provider.policy.name is not ProviderName.INTERNET_ARCHIVE:
            return list(self.usable)
        return [one["id"] for one in self.usable.values() if one["indexedLicence"] in {"cc0", "pdm", "by"}]

    async def search(self, page: int = 1, **wanted: Any) -> SearchPage:
        return await self.provider.search(self.setup, SearchFilter(**wanted), page)


def _fake() -> Subject:
    tracks = [track(number, energy=Energy.LOW, vocals=number % 2 == 0) for number in range(60)]
    tracks[7] = replace(tracks[7], licence=LicenceFacts(LicenceCode.UNKNOWN))
    known = [
        {
            "id": one.id, "usable": one.licence.is_usable, "title": one.title, "artist": one.artist,
            "duration": (one.duration_ms or 0) / 1000, "genres": one.genres,
        }
        for one in tracks
    ]  # fmt: skip
    fake = FakeProvider(policy(), tracks)
    return Subject(fake, setup(fake.policy), known)


@pytest.fixture(scope="module")
async def untouched(sandbox_server: Sandbox) -> AsyncIterator[Sandbox]:
    """The sandbox without limits. Nothing here changes a track, so that it need not be made anew for each test."""
    await sandbox_server.reset()
    await sandbox_server.limit(None)
    yield sandbox_server
    await sandbox_server.reset()


@pytest.fixture(scope="module", params=[FAKE, *ProviderName])
async def subject(request: pytest.FixtureRequest, untouched: Sandbox, migrated: Mongo) -> AsyncIterator[Subject]:
    if request.param == FAKE:
        yield _fake()
        return
    way_out = calling(migrated)
    outbound = Recording(way_out.outbound)
    provider = build_providers(outbound)[request.param]
    unlimited = replace(provider.policy, extra_windows=())
    setup_there = untouched.setup(unlimited, rate_limit=RateLimit(None, None, None))
    yield Subject(provider, setup_there, await untouched.tracks(request.param), outbound)
    await way_out.close()


def _still(one: ProviderTrack) -> ProviderTrack:
    return replace(one, preview_url=None) if one.provider in SIGNED else one


async def test_a_search_shows_usable_tracks_of_its_own(subject: Subject) -> None:
    page = await subject.search()
    assert 0 < len(page.tracks) <= subject.provider.policy.search_page_size
    assert page.entry_count >= len(page.tracks)
    for one in page.tracks:
        known = subject.usable[one.id]
        assert one.provider is subject.provider.policy.name
        assert one.title == known["title"]
        assert one.artist in {known["artist"], None} or one.artist.startswith(known["artist"])
        assert abs((one.duration_ms or 0) / 1000 - known["duration"]) <= 1
        assert one.licence.is_usable


async def test_pages_of_a_search_follow_each_other_to_an_end(subject: Subject) -> None:
    first, second = await subject.search(1), await subject.search(2)
    assert not {one.id for one in first.tracks} & {one.id for one in second.tracks}
    assert second.tracks
    beyond = await subject.search(900)
    assert beyond.tracks == ()
    assert beyond.entry_count == 0


async def test_a_track_is_what_the_search_has_shown(subject: Subject) -> None:
    page = await subject.search()
    for one in page.tracks[:3]:
        again = await subject.provider.track(subject.setup, one.id)
        assert _still(again) == _still(one)


async def test_words_are_searched_for(subject: Subject) -> None:
    wanted = next(iter(subject.usable.values()))
    page = await subject.search(query=wanted["title"].lower())
    assert wanted["id"] in {one.id for one in page.tracks}
    assert (await subject.search(query="no such words anywhere")).tracks == ()


@pytest.mark.parametrize(
    "wanted",
    [
        {"duration_min_s": 60, "duration_max_s": 200},
        {"genre": "rock"},
        {"genre": "rock", "duration_max_s": 300},
        {"mood": "dark"},
        {"bpm_min": 90, "bpm_max": 120},
        {"license": LicenceCode.BY},
        {"license": LicenceCode.CONTRACT},
        {"vocals": True},
        {"vocals": False},
        {"energy": Energy.LOW},
    ],
    ids=str,
)
async def test_what_is_found_is_what_was_wanted(subject: Subject, wanted: dict[str, Any]) -> None:
    # What a provider searches by without showing it cannot be seen in its tracks.
    unseen = {
        ProviderName.SOUNDSTRIPE: {"energy": None},
        ProviderName.ARTLIST: {"vocals": None, "genre": None, "mood": None},
    }
    seen = SearchFilter(**wanted | unseen.get(subject.provider.policy.name, {}))
    page = await subject.search(**wanted)
    assert all(matches(one, seen) for one in page.tracks)
    if not _is_silent_on(subject.provider.policy.name, wanted):
        assert page.tracks


SILENT = {
    ProviderName.SOUNDSTRIPE: set(),
    ProviderName.ARTLIST: {"energy"},
    ProviderName.HOOKSOUNDS: {"vocals", "energy"},
    ProviderName.OPENVERSE: {"bpm_min"},
    ProviderName.INTERNET_ARCHIVE: {"bpm_min", "vocals", "energy"},
    ProviderName.JAMENDO: {"bpm_min"},
}


def _is_silent_on(name: ProviderName, wanted: dict[str, Any]) -> bool:
    per_track = name in {ProviderName.OPENVERSE, ProviderName.INTERNET_ARCHIVE, ProviderName.JAMENDO}
    licence = wanted.get("license")
    has_licence = licence is None or per_track == (licence is not LicenceCode.CONTRACT)
    return not has_licence or bool(SILENT[name] & wanted.keys())


@pytest.mark.parametrize("track_id", ["999999999", "nope", "../songs", "a/b/../c", "x" * 900, "?id=1", "é", " "])
async def test_an_unknown_track_is_not_found(subject: Subject, track_id: str) -> None:
    with pytest.raises(NotFound):
        await subject.provider.track(subject.setup, track_id)


@pytest.mark.slow
async def test_a_walk_meets_every_usable_track_once(subject: Subject) -> None:
    if not subject.provider.policy.capabilities.can_walk:
        with pytest.raises(NotSupported):
            await subject.provider.walk(subject.setup, None)
        return
    if subject.outbound is not None:
        subject.outbound.backgrounds.clear()
    met, cursor = [], None
    while True:
        page = await subject.provider.walk(subject.setup, cursor)
        assert page.failed == ()
        met += [one.id for one in page.tracks]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(met) == sorted(subject.indexed)
    if subject.outbound is not None:
        made = [is_background for kind, is_background in subject.outbound.backgrounds if kind != "token"]
        assert made
        assert all(made)


async def test_a_walk_leaves_other_genres_out(subject: Subject) -> None:
    if not subject.provider.policy.capabilities.can_walk:
        pytest.skip("it has no walk")
    page = await subject.provider.walk(subject.setup, None, ("rock", "ambient"))
    assert page.tracks
    assert all(is_of_genres(one, ("rock", "ambient")) for one in page.tracks)
    assert page.next_cursor is not None


async def test_a_walk_from_a_cursor_goes_on_where_it_was(subject: Subject) -> None:
    if not subject.provider.policy.capabilities.can_walk:
        pytest.skip("it has no walk")
    first = await subject.provider.walk(subject.setup, None)
    second = await subject.provider.walk(subject.setup, first.next_cursor)
    again = await subject.provider.walk(subject.setup, first.next_cursor)
    assert [one.id for one in second.tracks] == [one.id for one in again.tracks]
    assert not {one.id for one in first.tracks} & {one.id for one in second.tracks}


async def test_a_download_address(subject: Subject) -> None:
    found = next(one for one in (await subject.search()).tracks if _is_downloadable(subject, one))
    if not subject.provider.policy.capabilities.can_download:
        with pytest.raises(NotSupported):
            await subject.provider.download(subject.setup, found.id)
        return
    assert (await subject.provider.download(subject.setup, found.id)).url.startswith("http")
    assert (await subject.provider.download(subject.setup, found.id, "mp3")).format == "mp3"
    with pytest.raises(NotFound):
        await subject.provider.download(subject.setup, "999999999")


def _is_downloadable(subject: Subject, one: ProviderTrack) -> bool:
    return bool(subject.usable[one.id].get("is_downloadable", subject.usable[one.id].get("isDownloadable", True)))


async def test_what_is_similar_is_usable_and_another(subject: Subject) -> None:
    found = (await subject.search()).tracks[0]
    if subject.provider.policy.name not in {ProviderName.OPENVERSE, ProviderName.JAMENDO}:
        with pytest.raises(NotSupported):
            await subject.provider.similar(subject.setup, found.id)
        return
    similar = await subject.provider.similar(subject.setup, found.id)
    assert similar
    assert all(one.licence.is_usable and one.id != found.id for one in similar)


@pytest.mark.parametrize("kind", ["broken_json", "html", "cut", "500", "down", "huge"])
async def test_a_broken_answer_is_its_own_failure(subject: Subject, untouched: Sandbox, kind: str) -> None:
    name = subject.provider.policy.name
    if subject.outbound is None:
        pytest.skip("it has no sockets")
    await untouched.fault(name.value, kind)
    with pytest.raises(ProviderFailed) as failed:
        await subject.search()
    assert failed.value.provider is name
    await untouched.heal(name.value)
    assert (await subject.search()).tracks


async def test_entries_of_wrong_types_are_skipped_or_a_failure(subject: Subject, untouched: Sandbox) -> None:
    if subject.outbound is None:
        pytest.skip("it has no sockets")
    await untouched.fault(subject.provider.policy.name.value, "wrong_types")
    with suppress(ProviderFailed):
        assert (await subject.search()).tracks == ()
    await untouched.heal()


@pytest.mark.parametrize("kind", ["script_titles", "javascript_urls"])
async def test_hostile_texts_and_addresses_lose_their_sting(subject: Subject, untouched: Sandbox, kind: str) -> None:
    if subject.outbound is None:
        pytest.skip("it has no sockets")
    await subject.search()
    await untouched.fault(subject.provider.policy.name.value, kind)
    page = await subject.search()
    await untouched.heal()
    shown = repr(page.tracks)
    assert "<script" not in shown
    assert "javascript:" not in shown
    # A licence whose address is a script is unknown; so is a file of the Archive whose name has lost its ending.
    is_by_contract = not subject.provider.policy.capabilities.licence_is_per_track
    is_readable = kind == "script_titles" and subject.provider.policy.name is not ProviderName.INTERNET_ARCHIVE
    assert bool(page.tracks) == (is_by_contract or is_readable)


async def test_a_refused_key_is_its_own_failure(subject: Subject, untouched: Sandbox) -> None:
    required = subject.provider.policy.required_credentials
    if subject.outbound is None or not required:
        pytest.skip("it has no key")
    broken = replace(subject.setup, credentials={**subject.setup.credentials, required[0]: "wr0ng-key"})
    with pytest.raises(ProviderFailed) as failed:
        await subject.provider.search(broken, SearchFilter(query="x"), 1)
    assert "wr0ng-key" not in str(failed.value)
    unsendable = replace(subject.setup, credentials={**subject.setup.credentials, required[0]: "a\r\nb: c"})
    with pytest.raises(ProviderFailed):
        await subject.provider.search(unsendable, SearchFilter(query="x"), 1)
