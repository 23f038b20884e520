"""Our copy of catalogues: found by id, by likeness, and by when they are due; every query by an index."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import NotFound
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.sync import (
    AlikeFilter,
    Checkpoint,
    SparingPage,
    SyncDraft,
    SyncFilter,
    SyncKind,
    SyncOptions,
    SyncPhase,
    SyncStatus,
    SyncStep,
)
from app.models.licensing.tracks import CataloguePage, LicenceCode, LicenceFacts, ProviderTrack
from app.repositories.licensed_tracks import LicensedTrackRepository
from app.repositories.mongo import Mongo
from app.repositories.sync_jobs import SyncJobRepository
from app.repositories.sync_pages import SyncPageRepository
from app.services.licensing.sync.ports import NotDue
from tests.integration.explained import RecordedMongo, plans_of
from tests.integration.migrating import database, service
from tests.licensing.fake_provider import policy, track
from tests.licensing.sync_house import ARCHIVE, DAY, SOUNDSTRIPE, Catalogue, catalogue, close_all, counts, house

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def _houses_are_closed() -> AsyncIterator[None]:
    yield
    await close_all()


def ids(tracks: Iterable[ProviderTrack]) -> list[str]:
    return sorted((one.id for one in tracks), key=int)


async def test_tracks_are_found_by_id(mongo: Mongo) -> None:
    provider = catalogue(12)
    at_house = house(mongo, provider)
    await at_house.sync()
    vanished = provider.tracks.pop(2)
    await at_house.sync()
    refs = [TrackRef(SOUNDSTRIPE, one) for one in ("1", "2", "nonsense")] + [TrackRef(ARCHIVE, "1")]
    assert await at_house.tracks.find(refs) == {refs[0]: provider.tracks[1]}
    kept = await at_house.tracks.get(SOUNDSTRIPE, "2")
    assert kept.track == vanished
    assert kept.vanished_at is not None
    assert kept.created_at <= kept.seen_at < kept.vanished_at
    for name, track_id in ((SOUNDSTRIPE, "nonsense"), (ARCHIVE, "1")):
        with pytest.raises(NotFound, match="Track not found"):
            await at_house.tracks.get(name, track_id)


async def test_all_that_a_track_has_comes_back(mongo: Mongo) -> None:
    full = track(
        1, album="A", key="C", instruments=("piano",), tags=("a", "b"), vocals=False, explicit=True,
        preview_url="https://a.example.com/1", artwork_url="https://a.example.com/2", content_id_free=True,
        page_url="https://a.example.com/3", modified_at=NOW,
        licence=LicenceFacts(LicenceCode.BY, "4.0", "https://example.com/by", "One", {"license": "by", "$x.y": "z"}),
    )  # fmt: skip
    bare = ProviderTrack(SOUNDSTRIPE, "2", "Two", LicenceFacts(LicenceCode.CC0))
    provider = catalogue()
    provider.tracks = [full, bare]
    at_house = house(mongo, provider)
    await at_house.sync()
    assert [(await at_house.tracks.get(SOUNDSTRIPE, one)).track for one in ("1", "2")] == [full, bare]


async def test_alike_are_those_of_a_genre_or_mood_near_the_tempo(mongo: Mongo) -> None:
    provider = catalogue(60)
    provider.tracks[33] = replace(provider.tracks[33], licence=LicenceFacts(LicenceCode.BY_NC))
    at_house = house(mongo, provider)
    await at_house.sync(max_tracks=33)
    provider.tracks[30] = replace(provider.tracks[30], licence=LicenceFacts(LicenceCode.BY_NC))
    await at_house.sync_tracks("30")
    alike = at_house.tracks.alike
    # Genres repeat every three tracks, moods every two, and the tempo is 60 and the number.
    assert ids(await alike(AlikeFilter(("rock",), (), 81.0, 2))) == ["15", "18", "21", "24"]
    assert ids(await alike(AlikeFilter(("rock",), ("dark",), 81.0, 1))) == ["18", "19", "21"]
    assert ids(await alike(AlikeFilter(("rock", "pop"), (), 92.0, 2))) == ["28", "31"]
    assert len(await alike(AlikeFilter(("rock",), (), None, 100))) == 10
    assert await alike(AlikeFilter((), (), 81.0, 2)) == await alike(AlikeFilter(("polka",), (), None, 2)) == []


@dataclass
class Items(Catalogue):
    """A catalogue of two tracks an item, each item at the price of a call."""

    asked: list[str] = field(default_factory=list)

    async def walk_sparingly(
        self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str], not_due: NotDue
    ) -> SparingPage:
        listed = list(dict.fromkeys(one.id.partition("/")[0] for one in self.tracks))
        kept = await not_due(listed)
        self.asked = [item for item in listed if item not in kept]
        read = [one for one in self.tracks if one.id.partition("/")[0] in self.asked]
        return SparingPage(CataloguePage(tuple(read), None, None), tuple(kept))


def item_track(item: str, number: int, **changes: Any) -> ProviderTrack:
    return track(number, ARCHIVE, id=f"{item}/{number}.mp3", **changes)


async def test_what_stays_the_same_is_asked_for_less_and_less(mongo: Mongo) -> None:
    tracks = [item_track(item, number) for item in "ab" for number in range(2)]
    provider = Items(policy(ARCHIVE), tracks)
    at_house = house(mongo, provider)
    days: list[int] = []
    for day in range(100):
        at_house.clock.time = NOW + day * DAY + timedelta(minutes=day % 3)
        if day == 40:
            tracks[3] = replace(tracks[3], title="Another")
        job = await at_house.sync(ARCHIVE)
        assert "vanished" not in counts(job)
        days += [day] if "a" in provider.asked else []
    assert days == [0, 1, 3, 7, 15, 31, 61, 91]
    assert (await at_house.tracks.get(ARCHIVE, "b/1.mp3")).track.title == "Another"


async def test_an_item_is_due_when_one_of_its_tracks_is(mongo: Mongo) -> None:
    provider = Items(policy(ARCHIVE), [item_track("a", number) for number in range(2)])
    at_house = house(mongo, provider)
    await at_house.sync(ARCHIVE)
    assert await at_house.tracks.not_due(ARCHIVE, ["a", "b"], at_house.clock.time) == {"a"}
    await mongo.db["licensed_tracks"].update_one({"trackId": "a/1.mp3"}, {"$set": {"refreshAt": NOW}})
    assert await at_house.tracks.not_due(ARCHIVE, ["a", "b"], at_house.clock.time) == frozenset()
    # Of an item that is asked for again, a track that is gone is missed.
    provider.tracks.pop(0)
    assert counts(await at_house.sync(ARCHIVE)) == {"unchanged": 1, "vanished": 1}


def document(number: int) -> dict[str, Any]:
    return {
        "_id": f"soundstripe:i{number // 10}/{number}",
        "provider": "soundstripe" if number % 2 else "internet_archive",
        "trackId": f"i{number // 10}/{number}",
        "item": f"i{number // 10}",
        "title": f"Track {number}",
        "genres": [f"genre-{number % 50}", f"genre-{number % 47}"],
        "moods": [f"mood-{number % 50}"],
        "bpm": float(number % 200),
        "license": {"code": "cc0", "licenseVersion": None, "url": None, "attribution": None, "raw": []},
        "hash": "x",
        "seenAt": NOW + timedelta(seconds=number),
        "createdAt": NOW,
        "updatedAt": NOW,
        "refreshAt": NOW,
    }


def job(number: int) -> dict[str, Any]:
    return {
        "_id": f"job-{number:05}", "kind": "tracks", "provider": list(ProviderName)[number % 6].value,
        "status": list(SyncStatus)[2 + number % 3].value, "trackIds": [], "children": [], "vanished": 0,
        "options": {"maxTracks": None, "genres": [], "updateExisting": True}, "failures": [], "step": 0,
        "progress": {"fetched": 0, "created": 0, "updated": 0, "unchanged": 0, "failed": 0, "total": None},
        "checkpoint": {"phase": "walk", "cursor": None, "isBlind": False}, "error": None,
        "createdAt": datetime.now(UTC) + timedelta(seconds=number), "startedAt": None, "finishedAt": datetime.now(UTC),
    }  # fmt: skip


@pytest.fixture(scope="module")
async def filled(mongod: str) -> AsyncIterator[RecordedMongo]:
    """In a database of its own."""
    async with database(mongod) as mongo:
        await service(mongo).up()
        await mongo.db["licensed_tracks"].insert_many(document(number) for number in range(2_000))
        await mongo.db["sync_jobs"].insert_many(job(number) for number in range(2_000))
        recorded = RecordedMongo(mongod, mongo.db.name)
        yield recorded
        recorded.close()


async def write_a_page(mongo: RecordedMongo) -> None:
    jobs = SyncJobRepository(mongo)
    added = await jobs.add(SyncDraft(SyncKind.CATALOGUE, SOUNDSTRIPE, SyncOptions()), NOW)
    assert added is not None
    assert (await jobs.walking(SOUNDSTRIPE)) is not None
    begun = await jobs.begin(added.id, NOW)
    await jobs.wait(begun.id, NOW, "Waits")
    step = SyncStep(
        NOW, Checkpoint(SyncPhase.WALK, "2"), (track(1, id="i1/11"), track(2)), gone=("i1/13",), present=("i2", "i3/31")
    )
    written = await SyncPageRepository(mongo).commit(begun, step, NOW)
    assert written is not None
    assert counts(written) == {"created": 1, "updated": 1, "vanished": 1}
    assert await jobs.unfinished() == [written]
    assert await jobs.end(written.id, SyncStatus.CANCELLED, None, NOW)


def page(provider: str | None, status: SyncStatus | None) -> Callable[[RecordedMongo], Awaitable[object]]:
    async def ask(mongo: RecordedMongo) -> object:
        jobs = SyncJobRepository(mongo)
        first = await jobs.page(SyncFilter(provider, status, 10, None))
        return await jobs.page(SyncFilter(provider, status, 10, first.next_cursor))

    return ask


QUESTIONS: dict[str, tuple[Callable[[RecordedMongo], Awaitable[object]], int]] = {
    "one track": (lambda mongo: LicensedTrackRepository(mongo).get(SOUNDSTRIPE, "i1/11"), 5),
    "some tracks": (lambda mongo: LicensedTrackRepository(mongo).find([TrackRef(SOUNDSTRIPE, "i1/11")]), 5),
    "alike": (lambda mongo: LicensedTrackRepository(mongo).alike(AlikeFilter(("genre-1",), ("mood-1",), 90, 5)), 40),
    "any alike": (lambda mongo: LicensedTrackRepository(mongo).alike(AlikeFilter(("genre-1",), (), None, 5)), 40),
    "unmet": (lambda mongo: LicensedTrackRepository(mongo).unmet(SOUNDSTRIPE, NOW + DAY, 10), 20),
    "not due": (lambda mongo: LicensedTrackRepository(mongo).not_due(SOUNDSTRIPE, ["i1", "i2"], NOW), 25),
    "a page is written": (write_a_page, 40),
    "jobs": (page(None, None), 40),
    "jobs of a provider": (page("artlist", None), 40),
    "jobs of a status": (page(None, SyncStatus.FAILED), 40),
    "jobs of both": (page("artlist", SyncStatus.FAILED), 100),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_every_query_uses_an_index(filled: RecordedMongo, name: str) -> None:
    ask, most = QUESTIONS[name]
    filled.recorder.commands.clear()
    await ask(filled)
    plans = await plans_of(filled)
    assert plans
    for plan in plans:
        assert "COLLSCAN" not in plan.stages, plan
        assert "SORT" not in plan.stages, plan
        assert plan.keys_examined <= most, plan
        assert plan.documents_examined <= most, plan
