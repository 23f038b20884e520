"""A sync ends with exactly the provider's catalogue: what is new, changed, withdrawn, gone and back again."""

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.models.licensing.favorites import TrackRef
from app.models.licensing.sync import SyncStatus
from app.models.licensing.tracks import FailedTrack, LicenceCode, LicenceFacts
from app.repositories.mongo import Mongo
from app.services.licensing.errors import ProviderFailed
from tests.licensing.fake_provider import track
from tests.licensing.sync_house import DAY, SOUNDSTRIPE, House, catalogue, close_all, counts, house


@pytest.fixture(autouse=True)
async def _houses_are_closed() -> AsyncIterator[None]:
    yield
    await close_all()


async def titles(at_house: House) -> dict[str, str]:
    return {key: row["title"] for key, row in (await at_house.stored()).items()}


async def test_a_catalogue_is_copied_page_by_page(mongo: Mongo) -> None:
    provider = catalogue(25)
    at_house = house(mongo, provider)
    job = await at_house.sync()
    assert (job.status, job.error, job.progress.total) == (SyncStatus.COMPLETED, None, 25)
    assert counts(job) == {"created": 25}
    assert job.created_at < job.started_at < job.finished_at
    assert provider.calls == ["walk None", "walk 10", "walk 20"]
    assert await titles(at_house) == {one.id: one.title for one in provider.tracks}
    assert await mongo.db["license_evidence"].count_documents({"isWithdrawn": False}) == 25
    assert await at_house.tracks.find([]) == {}
    assert (await at_house.tracks.get(SOUNDSTRIPE, "7")).track == provider.tracks[7]


async def test_the_same_again_changes_nothing(mongo: Mongo) -> None:
    at_house = house(mongo, catalogue(25))
    await at_house.sync()
    before = await at_house.stored()
    at_house.clock.time += DAY
    assert counts(await at_house.sync()) == {"unchanged": 25}
    after = await at_house.stored()
    assert all(row.pop("seenAt") < after[key].pop("seenAt") for key, row in before.items())
    assert before == after


async def test_subscribers_hear_of_the_end_once_they_can_be_reached(mongo: Mongo) -> None:
    provider = catalogue(3)
    at_house = house(mongo, provider)
    at_house.heard.is_away = True
    first = await at_house.sync()
    assert at_house.heard.events == {}
    at_house.heard.is_away = False
    await at_house.syncs.resume()
    assert at_house.heard.events.keys() == {("sync.completed", first.id)}
    assert at_house.heard.events["sync.completed", first.id]["created"] == 3
    provider.tracks.pop()
    at_house.clock.time += DAY
    second = await at_house.sync()
    assert at_house.heard.events["track.vanished", second.id] == {
        "jobId": second.id, "provider": "soundstripe", "count": 1,
    }  # fmt: skip
    provider.errors = [ProviderFailed(SOUNDSTRIPE, "The key is refused", status=401)]
    third = await at_house.sync()
    assert at_house.heard.events["sync.failed", third.id]["error"] == third.error
    assert await mongo.db["sync_jobs"].count_documents({"untold": True}) == 0


async def test_changed_and_withdrawn_fields_are_followed(mongo: Mongo) -> None:
    provider = catalogue(12)
    at_house = house(mongo, provider)
    await at_house.sync()
    first = await at_house.stored()
    provider.tracks[3] = replace(provider.tracks[3], title="Another", artist=None, genres=(), bpm=None)
    provider.tracks[4] = replace(provider.tracks[4], licence=LicenceFacts(LicenceCode.CONTRACT, raw={"a.$b": "c"}))
    assert counts(await at_house.sync()) == {"updated": 2, "unchanged": 10}
    rows = await at_house.stored()
    assert not {"artist", "genres", "bpm"} & rows["3"].keys()
    assert (rows["3"]["title"], rows["3"]["createdAt"]) == ("Another", first["3"]["createdAt"])
    assert rows["3"]["updatedAt"] > first["3"]["updatedAt"]
    assert (await at_house.tracks.get(SOUNDSTRIPE, "4")).track == provider.tracks[4]
    evidence = await at_house.evidence("4")
    assert evidence is not None
    assert (evidence["version"], evidence["raw"]) == (2, [{"name": "a.$b", "value": "c"}])


async def test_an_address_that_is_signed_anew_is_no_change(mongo: Mongo) -> None:
    provider = catalogue()
    provider.tracks = [track(1, preview_url="https://a.example.com/1.mp3?signature=one")]
    at_house = house(mongo, provider)
    await at_house.sync()
    provider.tracks = [track(1, preview_url="https://a.example.com/1.mp3?signature=two")]
    assert counts(await at_house.sync()) == {"unchanged": 1}
    assert (await at_house.tracks.get(SOUNDSTRIPE, "1")).track == provider.tracks[0]
    provider.tracks = [track(1, preview_url="https://a.example.com/2.mp3?signature=two")]
    assert counts(await at_house.sync()) == {"updated": 1}


async def test_what_is_gone_is_marked_and_what_comes_back_is_not(mongo: Mongo) -> None:
    provider = catalogue(25)
    at_house = house(mongo, provider)
    await at_house.sync()
    gone = [provider.tracks.pop(20), provider.tracks.pop(3)]
    job = await at_house.sync()
    assert counts(job) == {"unchanged": 23, "vanished": 2}
    assert {key for key, row in (await at_house.stored()).items() if row.get("vanishedAt")} == {"3", "20"}
    evidence = await at_house.evidence("3")
    assert evidence is not None
    assert (evidence["isWithdrawn"], evidence["version"]) == (True, 2)
    assert counts(await at_house.sync()) == {"unchanged": 23}
    provider.tracks += gone
    assert counts(await at_house.sync()) == {"unchanged": 23, "updated": 2}
    assert not any(row.get("vanishedAt") for row in (await at_house.stored()).values())
    evidence = await at_house.evidence("3")
    assert evidence is not None
    assert not evidence["isWithdrawn"]


async def test_a_provider_that_answers_with_half_of_what_it_has_withdraws_nothing(mongo: Mongo) -> None:
    provider = catalogue(30)
    at_house = house(mongo, provider)
    await at_house.sync()
    everything, provider.tracks = provider.tracks, provider.tracks[:10]
    walk = provider.walk

    async def half(*asked: object) -> object:
        page = await walk(*asked)
        provider.tracks = everything
        return page

    provider.walk = half
    assert counts(await at_house.sync()) == {"unchanged": 30}
    assert len([call for call in provider.calls if call.startswith("track")]) == 20


async def test_a_walk_that_is_not_whole_withdraws_nothing(mongo: Mongo) -> None:
    provider = catalogue(25)
    at_house = house(mongo, provider)
    await at_house.sync()
    provider.tracks = provider.tracks[:22]
    assert counts(await at_house.sync(max_tracks=22)) == {"unchanged": 22, "vanished": 3}
    provider.tracks = provider.tracks[:20]
    assert counts(await at_house.sync(max_tracks=15)) == {"unchanged": 15}
    assert counts(await at_house.sync(genres=("rock",))) == {"unchanged": 7}
    provider.unread = [FailedTrack(None, "GET /songs", "id: missing")]
    assert counts(await at_house.sync()) == {"unchanged": 20, "failed": 1}
    provider.unread = [FailedTrack("20", "GET /songs", "title: missing")]
    assert counts(await at_house.sync()) == {"unchanged": 20, "failed": 1, "vanished": 1}
    rows = await at_house.stored()
    assert [key for key in ("20", "21") if rows[key].get("vanishedAt")] == ["21"]


async def test_at_most_so_many_are_taken(mongo: Mongo) -> None:
    provider = catalogue(25)
    at_house = house(mongo, provider)
    job = await at_house.sync(max_tracks=12)
    assert (counts(job), job.progress.total) == ({"created": 12}, 12)
    assert provider.calls == ["walk None", "walk 10"]
    assert counts(await at_house.sync(max_tracks=1)) == {"unchanged": 1}
    assert counts(await at_house.sync(max_tracks=100)) == {"unchanged": 12, "created": 13}


async def test_only_some_genres_are_taken(mongo: Mongo) -> None:
    provider = catalogue(25)
    at_house = house(mongo, provider)
    job = await at_house.sync(genres=("pop", "rock"))
    assert (counts(job), job.progress.total) == ({"created": 17}, None)
    assert {genre for row in (await at_house.stored()).values() for genre in row["genres"]} == {"pop", "rock"}


async def test_what_is_there_can_be_left_as_it_is(mongo: Mongo) -> None:
    provider = catalogue(10)
    at_house = house(mongo, provider)
    await at_house.sync()
    before = await titles(at_house)
    facts = LicenceFacts(LicenceCode.BY, "4.0")
    provider.tracks = [replace(one, title="Another", licence=facts) for one in provider.tracks] + [track(10)]
    assert counts(await at_house.sync(update_existing=False)) == {"unchanged": 10, "created": 1}
    assert await titles(at_house) == before | {"10": "Track 10"}
    evidence = await at_house.evidence("0")
    assert evidence is not None
    assert evidence["code"] == "by"
    assert counts(await at_house.sync()) == {"updated": 10, "unchanged": 1}


async def test_failed_tracks_are_kept_with_what_was_asked(mongo: Mongo) -> None:
    provider = catalogue(3)
    provider.unread = [FailedTrack(str(number), f"GET /songs?page={number}", "x" * 9_999) for number in range(150)]
    job = await house(mongo, provider).sync()
    assert counts(job) == {"created": 3, "failed": 150}
    assert len(job.failures) == 100
    assert (job.failures[7].track_id, job.failures[7].query, len(job.failures[7].error)) == (
        "7",
        "GET /songs?page=7",
        512,
    )


async def test_named_tracks_are_synced(mongo: Mongo) -> None:
    provider = catalogue(40)
    at_house = house(mongo, provider)
    await at_house.sync(max_tracks=10)
    provider.tracks[2] = replace(provider.tracks[2], title="Another")
    provider.tracks.pop(3)
    provider.tracks[20] = replace(provider.tracks[20], licence=LicenceFacts(LicenceCode.UNKNOWN))
    provider.broken["30"] = ProviderFailed(SOUNDSTRIPE, "Soundstripe sent something that is no JSON")
    wanted = ["1", "2", "2", "3", provider.tracks[20].id, "30", *map(str, range(31, 40)), "nonsense"]
    job = await at_house.sync_tracks(*wanted)
    assert (job.status, job.progress.total) == (SyncStatus.COMPLETED, 15)
    assert counts(job) == {"unchanged": 1, "updated": 1, "created": 9, "failed": 4, "vanished": 1}
    assert [(one.track_id, one.error) for one in job.failures] == [
        ("30", "Soundstripe sent something that is no JSON"),
        ("3", "Track not found"),
        (provider.tracks[20].id, "Its licence does not allow it to be offered"),
        ("nonsense", "Track not found"),
    ]
    evidence = await at_house.evidence("3")
    assert evidence is not None
    assert evidence["isWithdrawn"]


async def test_a_track_that_may_not_be_offered_any_more_says_so(mongo: Mongo) -> None:
    provider = catalogue(3)
    at_house = house(mongo, provider)
    await at_house.sync()
    provider.tracks[1] = replace(provider.tracks[1], licence=LicenceFacts(LicenceCode.BY_NC))
    assert counts(await at_house.sync_tracks("1")) == {"updated": 1}
    assert not (await at_house.tracks.get(SOUNDSTRIPE, "1")).track.licence.is_usable


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_to_the_catalogue_the_copy_is_the_same(mongo: Mongo, seed: int) -> None:
    chance, number = random.Random(seed), 40
    provider = catalogue(number)
    at_house = house(mongo, provider)
    for _ in range(8):
        before = {row["trackId"] for row in (await at_house.stored()).values() if not row.get("vanishedAt")}
        for _ in range(chance.randrange(8)):
            place = chance.randrange(len(provider.tracks))
            changed = replace(provider.tracks[place], title=f"Take {chance.random()}")
            provider.tracks[place] = chance.choice([changed, track(number)])
            number += 1
        chance.shuffle(provider.tracks)
        job = await at_house.sync()
        now = {one.id for one in provider.tracks}
        assert (job.vanished, job.progress.fetched) == (len(before - now), len(now))
        rows = await at_house.stored()
        kept = [one for one, row in rows.items() if not row.get("vanishedAt")]
        refs = [TrackRef(SOUNDSTRIPE, one) for one in rows]
        assert sorted(kept) == sorted(now)
        assert sorted((await at_house.tracks.find(refs)).values(), key=lambda one: one.id) == sorted(
            provider.tracks, key=lambda one: one.id
        )
