"""Similar and recommended tracks over a real copy of catalogues."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.errors import NotFound
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName
from app.models.licensing.recommendations import Basis, Proposal, SimilarSource
from app.models.licensing.tracks import Energy, LicenceCode, LicenceFacts, ProviderTrack
from app.repositories.mongo import Mongo
from app.repositories.music_libraries import MusicLibraryRepository
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.library.recommendations import RecommendationService
from app.services.licensing.library.similar import SimilarService
from tests.licensing.fake_provider import track
from tests.licensing.library_house import NOW, LibraryHouse, fill_catalogue, ref

UNUSABLE = LicenceFacts(LicenceCode.BY_NC)
SEED = track(1, genres=("Rock",), moods=("calm",), bpm=100.0, instruments=("piano",), energy=Energy.HIGH)


class HeldLists:
    """What a provider calls similar."""

    def __init__(self, tracks: Sequence[ProviderTrack] = ()) -> None:
        self.tracks = tuple(tracks)

    async def of(self, name: ProviderName, track_id: str) -> tuple[ProviderTrack, ...]:
        return self.tracks


def similar(house: LibraryHouse, *listed: ProviderTrack) -> SimilarService:
    return SimilarService(house.kept, HeldLists(listed), house.catalogue, MusicLibraryRepository(house.mongo))


def recommending(mongo: Mongo) -> RecommendationService:
    return RecommendationService(MusicLibraryRepository(mongo), LibraryHouse(mongo).catalogue)


def ids(proposals: Sequence[Proposal]) -> list[str]:
    return [one.track.id for one in proposals]


def use(user: str, of: TrackRef, at: datetime = NOW, **fields: Any) -> dict[str, Any]:
    row = {"userId": user, "provider": of.provider.value, "trackId": of.track_id, "usedAt": at}
    return row | {"genres": [], "moods": []} | fields


async def test_the_most_alike_come_first_whoever_offers_them(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, [SEED])
    alike = track(2, genres=("rock",), moods=("Calm",), bpm=101.0, instruments=("piano",), energy=Energy.HIGH)
    archive = ProviderName.INTERNET_ARCHIVE
    tracks = [
        SEED,
        alike,
        track(3, provider=archive, genres=("ROCK",), moods=("dark",), bpm=110.0),
        track(4, genres=("pop",), moods=("calm",), bpm=300.0),
        track(5, genres=("pop",), moods=("dark",), bpm=100.0),
        track(6, genres=("Rock",), moods=("calm",), bpm=100.0, licence=UNUSABLE),
    ]
    await fill_catalogue(mongo, tracks)
    await fill_catalogue(mongo, [track(7, genres=("Rock",), bpm=100.0)], {"vanishedAt": NOW})
    found = await similar(house).to(ref(1), 10)
    assert found.source is SimilarSource.CATALOGUE
    assert ids(found.proposals) == ["2", "3", "4"]
    best = found.proposals[0]
    assert best.score > 0.99
    assert best.reasons[0] == "Is rock too"
    assert await similar(house).to(ref(1), 10) == found
    assert ids((await similar(house).to(ref(1), 1)).proposals) == ["2"]


async def test_of_many_the_nearest_in_tempo_are_looked_at(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, [SEED])
    many = [track(10 + number, genres=("Rock",), moods=(), bpm=20.0 + number) for number in range(400)]
    await fill_catalogue(mongo, many)
    found = await similar(house).to(ref(1), 3)
    assert {one.track.bpm for one in found.proposals} == {99.0, 100.0, 101.0}


async def test_tracks_that_do_not_tell_a_tempo_are_found_too(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, [SEED])
    await fill_catalogue(mongo, [track(2, genres=("rock",), bpm=None)])
    assert ids((await similar(house).to(ref(1), 5)).proposals) == ["2"]


async def test_a_providers_own_list_goes_first(mongo: Mongo) -> None:
    house = LibraryHouse(mongo, [SEED])
    await fill_catalogue(mongo, [track(2, genres=("rock",), moods=("calm",), bpm=100.0)])
    await fill_catalogue(mongo, [track(7)], {"vanishedAt": NOW})
    listed = [track(5), SEED, track(6, licence=UNUSABLE), track(7), track(5), track(8, moods=("calm",))]
    found = await similar(house, *listed).to(ref(1), 10)
    assert found.source is SimilarSource.PROVIDER
    assert [(one.track.id, one.score) for one in found.proposals] == [("5", 1.0), ("8", 0.5)]
    assert found.proposals[1].reasons[:2] == ("soundstripe calls it similar", "Has the same mood: calm")


async def test_the_track_must_exist_and_may_lie_in_our_copy(mongo: Mongo) -> None:
    house = LibraryHouse(mongo)
    with pytest.raises(NotFound):
        await similar(house).to(ref(1), 5)
    house.lookup.failure = ProviderFailed(ProviderName.SOUNDSTRIPE, "Soundstripe does not answer")
    with pytest.raises(ProviderFailed):
        await similar(house).to(ref(1), 5)
    await fill_catalogue(mongo, [SEED, track(2, genres=("rock",))])
    assert ids((await similar(house).to(ref(1), 5)).proposals) == ["2"]


async def test_a_taste_out_of_favourites_and_uses(mongo: Mongo) -> None:
    rock = [track(number, genres=("Rock",), moods=("calm",), bpm=100.0, artist=f"A{number}") for number in range(8)]
    ballet = [track(20 + number, genres=("ballet",), moods=("light",), bpm=90.0) for number in range(2)]
    pop = [track(30, genres=("pop",), moods=("bright",), bpm=100.0)]
    house = LibraryHouse(mongo, rock)
    await fill_catalogue(mongo, [*rock, *ballet, *pop])
    await house.favorites.add("ann", ref(0), None, ())
    await house.favorites.add("ann", ref(1), None, ())
    await mongo.db["music_usages"].insert_many(
        [use("ann", ref(2)), use("ann", ref(20), genres=["ballet"]), use("bob", ref(3))]
    )
    found = await recommending(mongo).of("ann", 10)
    assert found.basis is Basis.TASTE
    assert ids(found.proposals) == ["3", "4", "5", "6", "7", "21"]
    assert found.proposals[0].reasons[:2] == ("You often choose rock", "You often choose this mood: calm")
    assert found.proposals[0].score > found.proposals[-1].score > 0
    assert await recommending(mongo).of("ann", 10) == found


async def test_favourites_of_providers_without_a_copy_count_as_they_were(mongo: Mongo) -> None:
    theirs = track(1, provider=ProviderName.OPENVERSE, genres=("rock",))
    house = LibraryHouse(mongo, [theirs])
    await fill_catalogue(mongo, [track(5, genres=("Rock",))])
    await house.favorites.add("ann", TrackRef.of(theirs), None, ())
    assert ids((await recommending(mongo).of("ann", 5)).proposals) == ["5"]


async def test_who_has_what_is_near_gets_what_is_farther(mongo: Mongo) -> None:
    rock = [track(number, genres=("Rock",), moods=(), bpm=100.0, artist=None) for number in range(150)]
    far = [track(1_000 + number, genres=("Rock",), moods=(), bpm=125.0, artist=None) for number in range(5)]
    await fill_catalogue(mongo, [*rock, *far])
    rows = [use("ann", TrackRef.of(one), NOW - timedelta(seconds=number)) for number, one in enumerate(rock)]
    await mongo.db["music_usages"].insert_many(rows)
    assert ids((await recommending(mongo).of("ann", 10)).proposals) == ["1000", "1001", "1002", "1003", "1004"]


async def test_no_artist_fills_the_list(mongo: Mongo) -> None:
    ada = [track(number, genres=("Rock",), bpm=100.0, artist="Ada") for number in range(10)]
    bob = [track(20 + number, genres=("Rock",), bpm=108.0, artist=f"Bob {number}") for number in range(3)]
    house = LibraryHouse(mongo, [SEED])
    await fill_catalogue(mongo, [*ada, *bob])
    await house.favorites.add("ann", ref(1), None, ())
    artists = [one.track.artist for one in (await recommending(mongo).of("ann", 5)).proposals]
    assert artists.count("Ada") == 2


async def test_a_newcomer_gets_what_is_used_most(mongo: Mongo) -> None:
    await fill_catalogue(mongo, [track(number, artist=f"A{number}") for number in range(5)])
    await fill_catalogue(mongo, [track(6, licence=UNUSABLE)])
    await fill_catalogue(mongo, [track(7)], {"vanishedAt": NOW})
    times = {3: 4, 1: 2, 2: 2, 6: 9, 7: 9}
    rows = [use("bob", ref(number)) for number, count in times.items() for _ in range(count)]
    await mongo.db["music_usages"].insert_many(rows)
    found = await recommending(mongo).of("ann", 10)
    assert found.basis is Basis.USAGE
    assert [(one.track.id, one.score) for one in found.proposals] == [("3", 1.0), ("1", 0.5), ("2", 0.5)]
    assert await recommending(mongo).of("ann", 10) == found
    assert (await recommending(mongo).of("bob", 10)).proposals != found.proposals


async def test_an_empty_house_recommends_nothing(mongo: Mongo) -> None:
    assert (await recommending(mongo).of("ann", 10)).proposals == ()
