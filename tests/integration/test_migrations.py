"""Migrations on an empty database and on other people's data, by one process and by many."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
import pytest
from bson import ObjectId

from app.repositories.counter_audit import CounterAuditRepository
from app.repositories.leases import LeaseRepository
from app.repositories.mongo import Mongo
from app.services import migrations as migration_service
from app.services.copyright_free.reconciliation import ReconciliationService
from app.services.migrations import LEASE, Migration, MigrationChanged, find_migrations
from migrations.steps import DataInTheWay
from tests.integration.migrating import (
    SONGS,
    WITH_OBJECT_ID,
    database,
    fill,
    indexes,
    service,
    untouched_part,
)

NAMES = [migration.name for migration in find_migrations()]
UNIQUE_PAIR = {"key": [("userId", 1), ("songId", 1)], "unique": True, "v": 2}


@pytest.fixture
async def empty(mongod: str) -> AsyncIterator[Mongo]:
    async with database(mongod) as mongo:
        yield mongo


@pytest.fixture
async def foreign(empty: Mongo) -> Mongo:
    """A database that another program has filled."""
    await fill(empty)
    return empty


async def test_an_empty_database_gets_the_indexes_of_the_contract(empty: Mongo) -> None:
    assert await service(empty).up() == NAMES
    assert await indexes(empty, "views") == {
        "user_song_unique": UNIQUE_PAIR,
        "song_index": {"key": [("songId", 1)], "v": 2},
        "user_index": {"key": [("userId", 1)], "v": 2},
    }
    for reactions in ("likes", "bookmarks"):
        assert (await indexes(empty, reactions))["user_song_unique"] == UNIQUE_PAIR
    assert set(await indexes(empty, "songs")) == {
        "views_first",
        "likes_first",
        "recent_first",
        "slug_unique",
        "artist_id_index",
        "artist_any_case",
        "title_artist_text",
    }
    assert set(await indexes(empty, "job_runs")) == {"job_slot_unique", "job_latest", "kept"}


async def test_songs_of_another_program_keep_every_byte(foreign: Mongo) -> None:
    before = await untouched_part(foreign)
    await service(foreign).up()
    assert await untouched_part(foreign) == before


async def test_counters_become_the_number_of_rows_that_are_there(foreign: Mongo) -> None:
    await service(foreign).up()
    songs = {song["_id"]: song async for song in foreign.db["songs"].find({})}
    for counter, share in (("viewCount", 1), ("likeCount", 1), ("bookmarkCount", 0)):
        assert {key: song[counter] for key, song in songs.items()} == {
            key: share * song["rows"] for key, song in SONGS.items()
        }
    report = await ReconciliationService(CounterAuditRepository(foreign)).run(repair=False)
    assert (report.songs, report.found) == (len(SONGS), ())


async def test_a_count_that_is_a_number_is_not_touched(empty: Mongo) -> None:
    """Views that were counted without rows are the other program's truth until somebody reconciles."""
    await empty.db["songs"].insert_one({"_id": "s", "viewCount": 1250})
    await service(empty).up()
    assert (await empty.db["songs"].find_one({"_id": "s"}))["viewCount"] == 1250


async def test_songs_without_a_date_get_one(foreign: Mongo) -> None:
    began = datetime.now(UTC) - timedelta(seconds=1)
    await service(foreign).up()
    created = {song["_id"]: song["createdAt"] async for song in foreign.db["songs"].find({})}
    assert created[WITH_OBJECT_ID] == WITH_OBJECT_ID.generation_time
    assert began < created["string-id"] <= datetime.now(UTC)
    assert created["odd"] == "yesterday"
    assert created["dated"] == datetime(2020, 1, 1, tzinfo=UTC)


async def test_up_twice_changes_nothing(foreign: Mongo) -> None:
    await service(foreign).up()
    songs, applied = await stored(foreign)
    assert await service(foreign).up() == []
    assert await stored(foreign) == (songs, applied)


async def stored(mongo: Mongo) -> tuple[list[Any], list[Any]]:
    return await mongo.db["songs"].find({}).to_list(None), await mongo.db["migrations"].find({}).to_list(None)


async def test_down_removes_what_up_made_and_leaves_the_songs(foreign: Mongo) -> None:
    before = await untouched_part(foreign)
    await service(foreign).up()
    assert await service(foreign).down(len(NAMES)) == NAMES[::-1]
    assert await untouched_part(foreign) == before
    assert await indexes(foreign, "songs") == {}
    assert {"views", "likes", "bookmarks", "job_runs"}.isdisjoint(await foreign.db.list_collection_names())
    assert [state.is_pending for state in await service(foreign).status()] == [True] * len(NAMES)


async def test_down_takes_back_the_last_first_and_up_again_applies_it(empty: Mongo) -> None:
    await service(empty).up()
    assert await service(empty).down() == NAMES[-1:]
    assert await service(empty).up() == NAMES[-1:]
    assert await service(empty).down(99) == NAMES[::-1]
    assert await service(empty).down() == []
    assert await service(empty).up() == NAMES


async def test_each_can_be_run_again_after_a_kill_before_its_record(foreign: Mongo) -> None:
    await service(foreign).up()
    songs, _ = await stored(foreign)
    for migration in find_migrations():
        await foreign.db["migrations"].delete_one({"_id": migration.name})
        assert await service(foreign).up() == [migration.name]
        assert (await stored(foreign))[0] == songs, migration.name


async def every_index(mongo: Mongo) -> dict[str, Any]:
    return {name: await indexes(mongo, name) for name in await mongo.db.list_collection_names()}


async def test_each_can_be_taken_back_twice_and_applied_again(foreign: Mongo) -> None:
    await service(foreign).up()
    before = await every_index(foreign)
    for migration in reversed(find_migrations()):
        await migration.down(foreign.db)
        await migration.down(foreign.db)
        await migration.up(foreign.db)
        await migration.down(foreign.db)
    for migration in find_migrations():
        await migration.up(foreign.db)
    assert await every_index(foreign) == before


async def test_one_that_was_killed_half_way_is_finished(foreign: Mongo) -> None:
    """Some songs have their counts, and one index of three is there."""
    await foreign.db["views"].create_index([("songId", 1)], name="song_index")
    await foreign.db["songs"].update_one({"_id": WITH_OBJECT_ID}, {"$set": {"viewCount": 3}})
    await service(foreign).up()
    assert set(await indexes(foreign, "views")) == {"user_song_unique", "song_index", "user_index"}
    assert {song["_id"]: song["viewCount"] async for song in foreign.db["songs"].find({})} == {
        key: song["rows"] for key, song in SONGS.items()
    }


async def test_a_song_that_is_viewed_meanwhile_keeps_its_count(foreign: Mongo) -> None:
    """Between our counting of rows and our writing of the count, somebody else has written it."""
    writing = foreign.db["songs"].update_one({"_id": "string-id"}, {"$set": {"viewCount": 9}})
    await asyncio.gather(writing, service(foreign).up())
    assert (await foreign.db["songs"].find_one({"_id": "string-id"}))["viewCount"] == 9


async def test_ten_at_once_apply_each_once(mongod: str, foreign: Mongo) -> None:
    runs: list[str] = []

    def noted(migration: Migration) -> Migration:
        async def up(db: Any) -> None:
            runs.append(migration.name)
            await migration.up(db)

        return dataclasses.replace(migration, up=up)

    known = [noted(migration) for migration in find_migrations()]
    others = [Mongo(mongod, foreign.db.name) for _ in range(10)]
    async with asyncio.timeout(30):
        done = await asyncio.gather(*(service(other, known).up() for other in others))
    for other in others:
        other.close()
    assert runs == NAMES
    assert sorted(done) == [[]] * 9 + [NAMES]
    assert await foreign.db["leases"].count_documents({}) == 0


async def test_a_changed_text_is_refused_before_anything_is_done(empty: Mongo) -> None:
    await service(empty).up()
    await service(empty).down()
    changed = [dataclasses.replace(one, checksum="another") if number == 0 else one for number, one in known()]
    with pytest.raises(MigrationChanged, match=f"{NAMES[0]} was applied with another text"):
        await service(empty, changed).up()
    states = await service(empty, changed).status()
    assert [state.is_changed for state in states] == [True, *[False] * (len(NAMES) - 1)]
    assert states[-1].is_pending


def known() -> list[tuple[int, Migration]]:
    return list(enumerate(find_migrations()))


async def test_a_lease_is_given_back_after_a_failure(empty: Mongo) -> None:
    async def up(_db: Any) -> None:
        raise RuntimeError("half way")

    failing = dataclasses.replace(find_migrations()[0], up=up)
    with pytest.raises(RuntimeError, match="half way"):
        await service(empty, [failing]).up()
    assert await service(empty).up() == NAMES


async def test_it_waits_for_another_process_and_survives_its_death(empty: Mongo) -> None:
    """Somebody holds the lease and is killed: the lease ends by itself and the next in line goes on."""
    assert await LeaseRepository(empty).acquire(LEASE, "killed", timedelta(hours=1))
    waiting = asyncio.create_task(service(empty).up())
    _done, still = await asyncio.wait([waiting], timeout=0.5)
    assert still
    assert await empty.db["migrations"].count_documents({}) == 0
    await empty.db["leases"].update_one({"_id": LEASE}, {"$set": {"expiresAt": datetime.now(UTC)}})
    async with asyncio.timeout(60):
        assert await waiting == NAMES


async def test_a_long_migration_keeps_its_lease(empty: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migration_service, "LEASE_LIFETIME", timedelta(seconds=5))
    takers: list[bool] = []

    async def ends() -> datetime:
        return (await empty.db["leases"].find_one({"_id": LEASE}))["expiresAt"]

    async def up(_db: Any) -> None:
        first = await ends()
        async with asyncio.timeout(60):
            while await ends() == first:
                await asyncio.sleep(0.02)
        takers.append(await LeaseRepository(empty).acquire(LEASE, "thief", timedelta(seconds=1)))

    await service(empty, [dataclasses.replace(find_migrations()[0], up=up)]).up()
    assert takers == [False]


DUPLICATES = [
    ("songs", {"slug": "same"}, "slug"),
    ("views", {"userId": "ann", "songId": "s"}, "ann"),
    ("likes", {"userId": "ann", "songId": ObjectId("665f00000000000000000009")}, "665f00000000000000000009"),
]


@pytest.mark.parametrize(("collection", "fields", "named"), DUPLICATES)
async def test_duplicates_stop_it_with_a_sentence_and_nothing_is_harmed(
    empty: Mongo, collection: str, fields: dict[str, Any], named: str
) -> None:
    await empty.db["songs"].insert_one({"_id": "s", "title": "A song"})
    await empty.db[collection].insert_many([{**fields, "number": number} for number in (1, 2)])
    rows = await empty.db[collection].find({}).to_list(None)
    with pytest.raises(DataInTheWay, match=rf"Two documents of '{collection}' have the same .*{named}"):
        await service(empty).up()
    left = await empty.db[collection].find({}).to_list(None)
    assert [{name: row[name] for name in before} for before, row in zip(rows, left, strict=True)] == rows
    await empty.db[collection].delete_one({"number": 2})
    await service(empty).up()
    assert not any(state.is_pending for state in await service(empty).status())


async def test_indexes_of_mongoose_give_way_to_ours(empty: Mongo) -> None:
    """The same keys under the names that Mongoose gives: MongoDB does not allow both."""
    views = empty.db["views"]
    await views.create_index([("userId", 1), ("songId", 1)], unique=True)
    await views.create_index([("songId", 1)])
    await views.create_index([("createdAt", 1)])
    await service(empty).up()
    assert set(await indexes(empty, "views")) == {"user_song_unique", "song_index", "user_index", "createdAt_1"}
    await views.insert_one({"userId": "ann", "songId": "s"})
    with pytest.raises(pymongo.errors.DuplicateKeyError):
        await views.insert_one({"userId": "ann", "songId": "s"})


async def test_another_text_index_stops_it_with_a_sentence(empty: Mongo) -> None:
    await empty.db["songs"].create_index([("lyrics", "text")])
    with pytest.raises(DataInTheWay, match="lyrics_text"):
        await service(empty).up()
    assert "lyrics_text" in await indexes(empty, "songs")
