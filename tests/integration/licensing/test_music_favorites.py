"""Favourites on a real database: once for each user and track, never more than allowed, found again."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.errors import Conflict, NotFound, QuotaExceeded
from app.models.licensing.favorites import MOST_FAVORITES, Favorite, FavoriteChanges
from app.models.licensing.providers import ProviderName
from app.repositories.mongo import Mongo
from app.services.licensing.errors import NotConfigured, ProviderFailed
from app.services.licensing.library.favorites import normalised_tags
from tests.licensing.library_house import NOW, LibraryHouse, fill_catalogue, numbered, ref

DOWN = ProviderFailed(ProviderName.SOUNDSTRIPE, "Soundstripe does not answer")
FAILURES = [DOWN, QuotaExceeded("spent", timedelta(seconds=3)), NotConfigured("not configured")]


async def all_pages(house: LibraryHouse, user: str = "ann", limit: int = 2, **wanted: str | None) -> list[Favorite]:
    found: list[Favorite] = []
    cursor = None
    while True:
        asked = {"tag": None, "provider": None, "query": None} | wanted
        page = await house.favorites.page(user, **asked, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        found += page.items
        if (cursor := page.next_cursor) is None:
            return found


async def test_a_track_is_kept_once(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, numbered(1))
    first = await house.favorites.add("ann", ref(1), "mine", ["Intro"])
    assert first.is_new
    assert (first.favorite.notes, first.favorite.tags) == ("mine", ("intro",))
    house.lookup.failure = DOWN
    again = await house.favorites.add("ann", ref(1), "other", [])
    assert again == replace(first, is_new=False)
    house.lookup.failure = None
    assert (await house.favorites.add("bob", ref(1), None, ())).is_new


async def test_of_twenty_at_once_one_is_new(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, numbered(1))
    added = await asyncio.gather(*(house.favorites.add("ann", ref(1), str(one), ()) for one in range(20)))
    assert sorted(one.is_new for one in added) == [False] * 19 + [True]
    assert len({one.favorite.id for one in added}) == 1


async def test_nobody_keeps_more_than_allowed_however_many_come_at_once(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, numbered(*range(10)))
    row = {"userId": "ann", "provider": "soundstripe", "createdAt": NOW, "updatedAt": NOW}
    full = [row | {"_id": f"f{number}", "trackId": f"t{number}"} for number in range(MOST_FAVORITES - 4)]
    await mongo.db["music_favorites"].insert_many(full)
    outcomes = await asyncio.gather(
        *(house.favorites.add("ann", ref(number), None, ()) for number in range(10)), return_exceptions=True
    )
    refused = {number: one for number, one in enumerate(outcomes) if isinstance(one, BaseException)}
    assert {type(one) for one in refused.values()} == {Conflict}
    assert [str(one) for one in refused.values()] == ["You have 5,000 favourites; remove one first"] * 6
    assert await mongo.db["music_favorites"].count_documents({"userId": "ann"}) == MOST_FAVORITES
    await house.favorites.remove("ann", "f7")
    assert (await house.favorites.add("ann", ref(min(refused)), None, ())).is_new


async def test_unknown_tracks_are_not_kept(mongo: Mongo) -> None:
    house = LibraryHouse(mongo)
    await fill_catalogue(mongo, numbered(1))
    with pytest.raises(NotFound):
        await house.favorites.add("ann", ref(1), None, ())


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
async def test_while_a_provider_fails_our_copy_is_enough(mongo: Mongo, failure: Exception) -> None:
    house = LibraryHouse(mongo)
    house.lookup.failure = failure
    await fill_catalogue(mongo, numbered(1))
    await fill_catalogue(mongo, numbered(2), {"vanishedAt": NOW})
    added = await house.favorites.add("ann", ref(1), None, ())
    assert added.favorite.track is not None
    assert added.favorite.track.title == "Track 1"
    for gone in (2, 3):
        with pytest.raises(type(failure)):
            await house.favorites.add("ann", ref(gone), None, ())


async def test_a_favourite_shows_the_newest_state_that_we_have(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, numbered(1))
    kept = (await house.favorites.add("ann", ref(1), None, ())).favorite
    assert (await house.favorites.get("ann", kept.id)).track == numbered(1)[0]
    await fill_catalogue(mongo, numbered(1, title="Renamed"))
    found = await house.favorites.get("ann", kept.id)
    assert found.track is not None
    assert found.track.title == "Renamed"


async def test_nothing_is_stored_of_a_provider_that_forbids_it(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    house = LibraryHouse(mongo, numbered(1))
    policies = dict(house.kept._policies)
    soundstripe = policies[ProviderName.SOUNDSTRIPE]
    strict = replace(soundstripe, capabilities=replace(soundstripe.capabilities, may_cache_metadata=False))
    monkeypatch.setattr(house.kept, "_policies", policies | {ProviderName.SOUNDSTRIPE: strict})
    kept = (await house.favorites.add("ann", ref(1), None, ())).favorite
    assert kept.track is None
    assert "Track 1" not in str(await mongo.db["music_favorites"].find_one({}))


async def test_only_the_owner_sees_changes_and_removes(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, numbered(1))
    kept = (await house.favorites.add("ann", ref(1), "mine", ["a"])).favorite
    for attempt in (
        house.favorites.get("bob", kept.id),
        house.favorites.change("bob", kept.id, FavoriteChanges(notes="his")),
        house.favorites.remove("bob", kept.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await all_pages(house, "bob") == []
    changed = await house.favorites.change("ann", kept.id, FavoriteChanges(tags=(" B ", "b", "")))
    assert (changed.notes, changed.tags) == ("mine", ("b",))
    assert changed.updated_at > changed.created_at
    cleared = await house.favorites.change("ann", kept.id, FavoriteChanges(notes="", tags=()))
    assert (cleared.notes, cleared.tags) == (None, ())
    await house.favorites.remove("ann", kept.id)
    assert await all_pages(house) == []


async def test_pages_and_filters(mongo: Mongo) -> None:
    tracks = [*numbered(1, 2, 3, 4), *numbered(5, 6, provider=ProviderName.INTERNET_ARCHIVE, artist="Björk")]
    house = LibraryHouse(mongo, tracks)
    for number, one in enumerate(tracks):
        notes = "For the ÖFFNUNG (1.*)" if number == 0 else None
        await house.favorites.add("ann", ref(number + 1, one.provider), notes, ["even"] if number % 2 else ["Odd", "x"])
    assert [one.ref.track_id for one in await all_pages(house)] == ["6", "5", "4", "3", "2", "1"]
    cases = {
        "tag": [(" EVEN ", "642"), ("odd", "531"), ("od", ""), ("", "")],
        "provider": [(ProviderName.INTERNET_ARCHIVE, "65"), (ProviderName.OPENVERSE, "")],
        "query": [("björk", "65"), ("TRACK 3", "3"), ("öffnung", "1"), ("1.*)", "1"), ("even björk", "6"), ("zz", "")],
    }
    for name, wanted in cases.items():
        for value, expected in wanted:
            found = await all_pages(house, **{name: value})
            assert "".join(one.ref.track_id for one in found) == expected, (name, value)
    both = await all_pages(house, tag="x", provider=ProviderName.SOUNDSTRIPE, query="track")
    assert [one.ref.track_id for one in both] == ["3", "1"]


async def test_notes_are_found_as_they_are_now(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, numbered(1))
    kept = (await house.favorites.add("ann", ref(1), "before", ())).favorite
    await house.favorites.change("ann", kept.id, FavoriteChanges(notes="AFTER"))
    assert (len(await all_pages(house, query="before")), len(await all_pages(house, query="after"))) == (0, 1)
    await house.favorites.change("ann", kept.id, FavoriteChanges(notes=""))
    assert await all_pages(house, query="after") == []


def test_tags_that_look_alike_are_one() -> None:
    assert normalised_tags(["Intro", " intro ", "ｉｎｔｒｏ", "two  words", "", " "]) == ("intro", "two words")
