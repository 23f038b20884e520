"""Generated tracks: the same from the same seed, of all licences where the provider is open, and changeable."""

from collections import Counter

import pytest

from app.models.licensing.providers import ProviderName
from app.sandbox.catalogue import Catalogue
from app.sandbox.generation import generate
from app.sandbox.tracks import USABLE
from app.sandbox.wanted import Bounds, Wanted

OPEN = (ProviderName.OPENVERSE, ProviderName.INTERNET_ARCHIVE, ProviderName.JAMENDO)
ARCHIVE = ProviderName.INTERNET_ARCHIVE


@pytest.mark.parametrize("provider", ProviderName)
def test_the_same_seed_gives_the_same_tracks_however_they_are_asked_for(provider: ProviderName) -> None:
    whole = generate(provider, 7, range(60))
    assert whole == [*generate(provider, 7, range(23)), *generate(provider, 7, range(23, 60))]
    assert whole != generate(provider, 8, range(60))
    assert len({one.id for one in whole}) == 60


@pytest.mark.parametrize("provider", ProviderName)
def test_open_catalogues_have_what_must_not_be_offered(provider: ProviderName) -> None:
    licences = Counter(one.licence for one in generate(provider, 1, range(1_000)))
    if provider not in OPEN:
        assert set(licences) == {"contract"}
        return
    assert licences["by"] > 200
    assert licences["by-nc"] > 40
    assert licences["by-sa"] > 40
    assert ("" in licences) == (provider is not ProviderName.OPENVERSE)
    assert {"cc0", "pdm"} <= set(licences) or provider is ProviderName.JAMENDO


@pytest.mark.parametrize("provider", OPEN)
def test_a_search_index_is_sometimes_out_of_date(provider: ProviderName) -> None:
    tracks = generate(provider, 1, range(2_000))
    stale = [one for one in tracks if one.indexed_licence in USABLE and not one.is_usable]
    assert 0 < len(stale) < 100


def test_tracks_of_an_item_have_one_artist_and_one_licence() -> None:
    catalogue = Catalogue(ARCHIVE, 1, 300)
    assert len(catalogue.tracks) == 300
    assert 50 < len(catalogue.items) < 200
    for item, tracks in catalogue.items.items():
        assert {(one.artist, one.album, one.licence, one.item) for one in tracks} == {
            (tracks[0].artist, tracks[0].album, tracks[0].licence, item)
        }


def test_a_licence_changes_for_the_whole_item_and_a_title_for_one_track() -> None:
    catalogue = Catalogue(ARCHIVE, 1, 300)
    item, tracks = next((item, tracks) for item, tracks in catalogue.items.items() if len(tracks) > 2)
    changed = catalogue.change(tracks[1].id, {"licence": "by-nc", "title": "New"})
    assert changed is not None
    assert changed.modified_at > tracks[1].modified_at
    after = catalogue.items[item]
    assert {(one.licence, one.indexed_licence) for one in after} == {("by-nc", "by-nc")}
    assert [one.title for one in after] == [tracks[0].title, "New", *(one.title for one in tracks[2:])]


def test_searches_follow_changes() -> None:
    catalogue = Catalogue(ProviderName.SOUNDSTRIPE, 1, 200)
    wanted = Wanted(words=("amber",), bpm=Bounds(100, 140))
    found = catalogue.find(wanted)
    assert 0 < len(found) < 200
    assert all("amber" in one.text and 100 <= one.bpm <= 140 for one in found)
    assert catalogue.vanish(found[0].id)
    assert not catalogue.vanish(found[0].id)
    assert list(catalogue.find(wanted)) == list(found[1:])
    catalogue.change(found[1].id, {"title": "Other", "album": "Other"})
    assert list(catalogue.find(wanted)) == list(found[2:])
    assert catalogue.change("nobody", {"title": "x"}) is None


def test_new_tracks_come_at_the_end() -> None:
    catalogue = Catalogue(ProviderName.OPENVERSE, 1, 50)
    made = catalogue.grow(3)
    assert list(catalogue.tracks.values())[-3:] == made
    assert catalogue.is_changed


def test_every_filter_tells_tracks_apart() -> None:
    catalogue = Catalogue(ProviderName.SOUNDSTRIPE, 1, 300)
    one = catalogue.tracks["5"]
    for wanted in (
        Wanted(genres=(one.genres[0], "polka")),
        Wanted(moods=one.moods[:1]),
        Wanted(instruments=one.instruments[:1]),
        Wanted(key=one.key.lower(), mode=one.mode),
        Wanted(energy=one.energy),
        Wanted(vocals=one.vocals),
        Wanted(duration=Bounds(one.duration, one.duration)),
        Wanted(content_id_free=one.content_id_free),
    ):
        found = catalogue.find(wanted)
        assert one in found
        assert len(found) < 300
