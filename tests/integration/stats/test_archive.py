"""Retention: rows leave only into files that were read back, and no answer changes at any moment."""

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from app.errors import Conflict, Failed, Invalid, Unavailable
from app.models.stats.archive import ArchivedEvent, Contents, PartState, Removal
from app.models.stats.events import EventType, Sender, StatsEvent
from app.models.stats.periods import Interval
from app.repositories.mongo import Mongo
from app.repositories.stats_archivable import ArchivableEventRepository
from app.repositories.stats_archive_parts import ArchivePartRepository
from app.repositories.stats_dirt import StatsDirtRepository
from app.repositories.stats_events import StatsEventRepository
from app.repositories.stats_rollup_documents import PERIOD_FIELDS
from app.repositories.stats_tallies import RAW_COLLECTIONS, StatsTallyRepository
from app.services.stats.archive_files import ParquetArchive
from app.services.stats.ingest import IngestService
from tests.archiving import (
    DAY,
    FIRST_KEPT,
    NOW,
    TRACKS,
    DailyRollups,
    Noon,
    Rows,
    all_rows,
    archived_rows,
    archived_splits,
    archiver,
    as_archived,
    mark,
    put,
    random_row,
    random_rows,
    truth,
    without_nulls,
)
from tests.integration.stats.rollup_house import house

OLD = FIRST_KEPT - 3 * DAY


@pytest.fixture
def location(tmp_path: Path) -> str:
    return str(tmp_path / "archive")


def files_in(location: str, pattern: str = "*") -> list[Path]:
    return sorted(path for path in Path(location).rglob(pattern) if path.is_file())


def parts_in(location: str) -> list[str]:
    return [path.name for path in files_in(location, "*.parquet")]


def plays(count: int, day: datetime = OLD, track: str = TRACKS[0], seed: int = 5) -> Rows:
    source = random.Random(seed)
    rows = [
        random_row(source, number, EventType.PLAY, day + timedelta(seconds=number)) | {"trackId": track}
        for number in range(count)
    ]
    return {EventType.PLAY: rows}


async def states(mongo: Mongo) -> list[str]:
    rows = await mongo.db["archive_parts"].find({}).sort([("day", 1), ("part", 1)]).to_list(None)
    return [row["state"] for row in rows]


class Disturbed(ParquetArchive):
    """The archive, where something happens after a file was written, and before it is read back."""

    def __init__(self, location: str, disturb: Callable[[Path], object]) -> None:
        super().__init__(location)
        self._folder = Path(location)
        self._disturb = disturb

    def write(self, path: str, kind: EventType, pages: Any) -> int:
        size = super().write(path, kind, pages)
        self._disturb(self._folder / path)
        return size


class Interrupted(ParquetArchive):
    """The archive, where something happens after a file was read back, and before its rows are removed."""

    def __init__(self, location: str, interrupt: Callable[[], object]) -> None:
        super().__init__(location)
        self._interrupt = interrupt

    def read_back(self, path: str) -> Contents:
        contents = super().read_back(path)
        self._interrupt()
        return contents


async def test_rows_past_their_time_are_in_the_files_and_nowhere_else(mongo: Mongo, location: str) -> None:
    rows = random_rows(1, 1_000)
    await put(mongo, rows)
    before = await truth(mongo)
    report = await archiver(mongo, location).run()
    left, found = await all_rows(mongo), archived_rows(location)
    for kind, of_kind in rows.items():
        old = [row for row in of_kind if row["timestamp"] < FIRST_KEPT]
        assert {str(row["_id"]) for row in of_kind} == {str(row["_id"]) for row in old} | set(left[kind])
        assert {row["_id"]: without_nulls(row) for row in found[kind]} == {
            str(row["_id"]): as_archived(row) for row in old
        }
        assert len(found[kind]) == len(old)
    assert await truth(mongo) == before
    assert await archived_splits(mongo) == {key: split for key, split in before.items() if key[1] < FIRST_KEPT}
    gone = sum(len(of_kind) for of_kind in found.values())
    assert (report.rows, report.removed, report.held_back, report.postponed, report.faults) == (gone, gone, 0, 0, [])
    assert gone > 300
    assert set(await states(mongo)) == {PartState.REMOVED}
    assert {row["playCount"] async for row in mongo.db["tracks"].find({})} == {7}


async def test_a_second_run_finds_nothing_to_do(mongo: Mongo, location: str) -> None:
    await put(mongo, random_rows(2, 200))
    await archiver(mongo, location).run()
    files = files_in(location)
    report = await archiver(mongo, location).run()
    assert (report.parts, report.removed) == (0, 0)
    assert files_in(location) == files


async def test_older_than_takes_the_place_of_the_setting(mongo: Mongo, location: str) -> None:
    await put(mongo, plays(3, FIRST_KEPT + 2 * DAY))
    assert (await archiver(mongo, location).run()).removed == 0
    assert (await archiver(mongo, location).run(older_than=timedelta(days=8))).removed == 0
    assert (await archiver(mongo, location).run(older_than=timedelta(days=7))).removed == 3


async def test_buckets_that_are_made_anew_keep_what_is_archived(mongo: Mongo, location: str) -> None:
    await put(mongo, random_rows(3, 400))
    await archiver(mongo, location).run()
    stored = {(row["trackId"], row["date"]): row async for row in mongo.db["daily_stats"].find({})}
    await mark(mongo, set(stored))
    await DailyRollups(mongo).run()
    fields = ("totalPlays", "totalLikes", "durationSum", "countryBreakdown", "archived", "bots")
    async for row in mongo.db["daily_stats"].find({}):
        of_before = stored[row["trackId"], row["date"]]
        assert {name: without_sketch(row.get(name)) for name in fields} == {
            name: without_sketch(of_before.get(name)) for name in fields
        }
        assert row["uniquePlays"] == of_before["uniquePlays"]


def without_sketch(value: Any) -> Any:
    return {name: one for name, one in value.items() if name != "listeners"} if isinstance(value, dict) else value


async def test_late_rows_of_an_archived_day_come_in_the_next_part(mongo: Mongo, location: str) -> None:
    await put(mongo, plays(4, seed=1))
    await archiver(mongo, location).run()
    await put(mongo, plays(3, seed=2))
    before = await truth(mongo)
    report = await archiver(mongo, location).run()
    assert report.removed == 3
    assert parts_in(location) == ["part-0001.parquet", "part-0002.parquet"]
    assert await truth(mongo) == before
    assert len(archived_rows(location)[EventType.PLAY]) == 7


class Idle:
    async def run(self) -> None:
        """Nothing is rolled up."""


async def test_days_that_are_not_rolled_up_wait(mongo: Mongo, location: str) -> None:
    await put(mongo, plays(4))
    assert (await archiver(mongo, location, rollups=Idle()).run()).postponed == 1
    await DailyRollups(mongo).run()
    await mark(mongo, {(TRACKS[3], OLD)})
    assert (await archiver(mongo, location, rollups=Idle()).run()).postponed == 1
    await DailyRollups(mongo).run()
    await mongo.db["rollup_state"].update_one({"_id": "coverage"}, {"$set": {"from": OLD + DAY}})
    assert (await archiver(mongo, location, rollups=Idle()).run()).postponed == 1
    await mongo.db["rollup_state"].update_one({"_id": "coverage"}, {"$set": {"from": OLD}})
    # Put there by another program: nobody has rolled it up, whatever the marks say.
    await mongo.db["play_events"].insert_one({"trackId": "unknown", "timestamp": OLD})
    assert (await archiver(mongo, location, rollups=Idle()).run()).postponed == 1
    await mongo.db["play_events"].delete_one({"trackId": "unknown"})
    assert len((await all_rows(mongo))[EventType.PLAY]) == 4
    report = await archiver(mongo, location, rollups=Idle()).run()
    assert (report.postponed, report.removed) == (0, 4)


async def test_rows_that_were_judged_anew_meanwhile_wait_until_their_bucket_is_right(
    mongo: Mongo, location: str
) -> None:
    rows = plays(6)
    for row in rows[EventType.PLAY]:
        row.pop("excluded", None)
    await put(mongo, rows)
    changed = rows[EventType.PLAY][2]["_id"]
    loop = asyncio.get_running_loop()

    async def judge() -> None:
        verdict = {"kind": "bot", "reason": "crawler", "ruleVersion": "2"}
        await mongo.db["play_events"].update_one({"_id": changed}, {"$set": {"excluded": verdict}})
        await mark(mongo, {(TRACKS[0], OLD)})

    store = Interrupted(location, lambda: asyncio.run_coroutine_threadsafe(judge(), loop).result(10))
    report = await archiver(mongo, location, store=store).run()
    assert (report.removed, report.held_back) == (0, 6)
    before = await truth(mongo)
    assert (before[TRACKS[0], OLD].counted.plays, before[TRACKS[0], OLD].bots.plays) == (5, 1)
    report = await archiver(mongo, location).run()
    assert (report.parts, report.removed, report.held_back) == (0, 6, 0)
    assert await truth(mongo) == before
    assert await archived_splits(mongo) == before


async def test_rows_that_come_or_go_after_the_file_was_written(mongo: Mongo, location: str) -> None:
    rows = plays(6)
    await put(mongo, rows)
    late = plays(2, seed=9)[EventType.PLAY]

    def change() -> None:
        mongo.in_thread["play_events"].delete_one({"_id": rows[EventType.PLAY][0]["_id"]})
        mongo.in_thread["play_events"].insert_many(late)

    report = await archiver(mongo, location, store=Interrupted(location, change)).run()
    assert report.removed == 5
    assert set((await all_rows(mongo))[EventType.PLAY]) == {str(row["_id"]) for row in late}
    assert sum(split.events for split in (await archived_splits(mongo)).values()) == 5


@pytest.mark.parametrize("damage", ["cut off", "gone", "another"])
async def test_rows_stay_when_their_file_does_not_read_back(mongo: Mongo, location: str, damage: str) -> None:
    await put(mongo, plays(50))
    before = await all_rows(mongo)

    def harm(file: Path) -> None:
        if damage == "gone":
            file.unlink()
        elif damage == "cut off":
            file.write_bytes(file.read_bytes()[:-200])
        else:
            ParquetArchive(str(file.parent)).write(
                f"../{file.parent.name}/{file.name}", EventType.PLAY, iter([[odd()]])
            )

    report = await archiver(mongo, location, store=Disturbed(location, harm)).run()
    assert len(report.faults) == 1
    assert report.summary["faults"] == 1
    assert "part-0001.parquet" in report.faults[0]
    assert (report.parts, report.removed) == (0, 0)
    assert await all_rows(mongo) == before
    assert files_in(location) == []
    assert await states(mongo) == [PartState.ABANDONED]
    assert (await archiver(mongo, location).run()).removed == 50
    assert len(archived_rows(location)[EventType.PLAY]) == 50


def odd() -> ArchivedEvent:
    return ArchivedEvent("x", None, None, None, OLD, *[None] * 12)


class Full(ParquetArchive):
    """A place where nothing fits any more."""

    def write(self, path: str, kind: EventType, pages: Any) -> int:
        def some() -> Iterator[list[ArchivedEvent]]:
            yield from pages
            raise OSError(28, "No space left on device")

        return super().write(path, kind, some())


async def test_a_full_disk_leaves_everything_in_its_place(mongo: Mongo, location: str) -> None:
    await put(mongo, random_rows(4, 200))
    before = await all_rows(mongo)
    with pytest.raises(Failed, match="No space left on device"):
        await archiver(mongo, location, store=Full(location)).run()
    assert await all_rows(mongo) == before
    assert files_in(location) == []
    assert await archived_splits(mongo) == {}
    assert (await archiver(mongo, location).run()).removed > 50


class Stuck(ArchivableEventRepository):
    """Rows that cannot be removed for now."""

    async def remove(self, *_: Any) -> Removal:
        raise Unavailable("away for now")


async def test_a_file_that_is_lost_before_all_its_rows_are_removed_keeps_the_others(
    mongo: Mongo, location: str
) -> None:
    await put(mongo, plays(8))
    stuck = Stuck(mongo, StatsTallyRepository(mongo), StatsDirtRepository(mongo))
    with pytest.raises(Unavailable):
        await archiver(mongo, location, events=stuck).run()
    assert await states(mongo) == [PartState.VERIFIED]
    [file] = files_in(location)
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    report = await archiver(mongo, location).run()
    assert (report.removed, len(report.faults), report.parts) == (0, 1, 0)
    assert len((await all_rows(mongo))[EventType.PLAY]) == 8
    file.write_bytes(whole)
    report = await archiver(mongo, location).run()
    assert (report.removed, report.faults) == (8, [])


async def test_an_address_that_nothing_is_installed_for_ends_the_run_at_once(mongo: Mongo) -> None:
    rollups = DailyRollups(mongo)
    with pytest.raises(Invalid, match=r"^ARCHIVE_URL: nothing is installed that can open s3:// addresses"):
        await archiver(mongo, "s3://key:hush@bucket", rollups=rollups).run()
    assert rollups.runs == 0


async def test_one_process_archives_at_a_time(mongo: Mongo, location: str) -> None:
    await put(mongo, random_rows(6, 300))
    before = await truth(mongo)
    ended = await asyncio.gather(*(archiver(mongo, location).run() for _ in range(3)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["ArchiveReport", "Conflict", "Conflict"]
    assert await truth(mongo) == before
    assert await mongo.db["leases"].count_documents({"_id": "archive"}) == 0


class Everybody:
    """A lease that does not keep anybody away, as one that ended while its holder stood still."""

    async def acquire(self, *_: Any) -> bool:
        return True

    async def release(self, *_: Any) -> None:
        """There is nothing to give back."""


async def test_without_the_lease_nothing_is_lost_or_doubled_either(mongo: Mongo, location: str) -> None:
    rows = random_rows(7, 400)
    await put(mongo, rows)
    before = await truth(mongo)
    for _ in range(3):
        ended = await asyncio.gather(
            *(archiver(mongo, location, leases=Everybody()).run() for _ in range(3)), return_exceptions=True
        )
        assert {type(one).__name__ for one in ended} <= {"ArchiveReport", "Conflict", "Failed"}, ended
        assert await truth(mongo) == before
    await archiver(mongo, location).run()
    assert await truth(mongo) == before
    left, found = await all_rows(mongo), archived_rows(location)
    for kind, of_kind in rows.items():
        archived = {row["_id"] for row in found[kind]}
        assert {str(row["_id"]) for row in of_kind} <= archived | set(left[kind])
        assert all(row["timestamp"] >= FIRST_KEPT for row in left[kind].values())


async def test_rows_and_archive_together_are_the_same_at_every_moment(mongo: Mongo, location: str) -> None:
    await put(mongo, random_rows(8, 300, days=14))
    await DailyRollups(mongo).run()
    before = await truth(mongo)
    archiving = asyncio.create_task(archiver(mongo, location).run())
    seen = 0
    while not archiving.done():
        assert await truth(mongo) == before
        seen += 1
    assert (await archiving).removed > 50
    assert seen > 5


async def test_an_archived_event_that_is_sent_again_is_a_duplicate(mongo: Mongo, location: str) -> None:
    class NobodyIsABot:
        def judge(self, *_: Any) -> dict[int, Any]:
            return {}

    await mongo.db["tracks"].insert_one({"_id": TRACKS[0], "title": "A", "playCount": 0})
    sent = StatsEvent(
        0, "event-0", EventType.PLAY, TRACKS[0], "session", NOW - 3 * DAY, is_clamped=False, fingerprint=1
    )
    sender = Sender("user-1", "203.0.113.0", "Mozilla/5.0", "NL")
    ingest = IngestService(StatsEventRepository(mongo), NobodyIsABot())
    assert (await ingest.ingest([sent], [], sender, NOW)).accepted == 1
    report = await archiver(mongo, location, retention=DAY).run()
    assert report.removed == 1
    assert await mongo.db["play_events"].count_documents({}) == 0
    again = await ingest.ingest([sent], [], sender, NOW)
    await ingest.close()
    assert (again.accepted, again.duplicates) == (0, 1)
    assert await mongo.db["play_events"].count_documents({}) == 0
    track = await mongo.db["tracks"].find_one({"_id": TRACKS[0]})
    assert track is not None
    assert track["playCount"] == 1


async def test_rows_of_other_programs(mongo: Mongo, location: str) -> None:
    keys: list[Any] = ["text", str(ObjectId()), 5, {"a": 1}, '"quoted"', ObjectId()]
    odd_fields = {"trackId": TRACKS[0], "timestamp": OLD, "source": "a.b$c", "duration": "long", "skipped": 1}
    rows = [{"_id": key, **odd_fields} for key in keys]
    actions = [{"_id": 1, "trackId": TRACKS[0], "timestamp": OLD, "action": "poke"}]
    await put(mongo, {EventType.PLAY: rows, EventType.LIKE: actions})
    before = await truth(mongo)
    report = await archiver(mongo, location).run()
    assert (report.removed, report.held_back) == (7, 0)
    assert await truth(mongo) == before
    assert before[TRACKS[0], OLD].counted.sources == {"a.b$c": 6}
    [like] = archived_rows(location)[EventType.LIKE]
    assert (like["_id"], like["createdAt"], like["action"]) == ('{"$numberInt": "1"}', None, "poke")


async def test_what_a_killed_process_has_left_is_cleaned_up(mongo: Mongo, location: str) -> None:
    parts = ArchivePartRepository(mongo)
    part = await parts.begin(EventType.PLAY, OLD, NOW)
    store = ParquetArchive(location)
    store.write(part.path, EventType.PLAY, iter([[odd()]]))
    await put(mongo, plays(4))
    report = await archiver(mongo, location).run()
    assert report.removed == 4
    assert parts_in(location) == ["part-0002.parquet"]
    assert await states(mongo) == [PartState.ABANDONED, PartState.REMOVED]
    # The process was not dead, it stood still: what it puts there late is removed again.
    store.write(part.path, EventType.PLAY, iter([[odd()]]))
    with pytest.raises(Conflict):
        await parts.advance(part, PartState.WRITTEN, NOW, Contents(), 1)
    await archiver(mongo, location, clock=Noon(NOW + DAY)).run()
    assert parts_in(location) == ["part-0002.parquet"]


async def test_a_verified_part_is_never_given_up(mongo: Mongo) -> None:
    parts = ArchivePartRepository(mongo)
    begun = await parts.begin(EventType.LIKE, OLD, NOW)
    assert begun.path == f"{RAW_COLLECTIONS[EventType.LIKE]}/date=2026-06-07/part-0001.parquet"
    contents = Contents()
    contents.add(["a"])
    written = await parts.advance(begun, PartState.WRITTEN, NOW, contents, 10)
    verified = await parts.advance(written, PartState.VERIFIED, NOW, contents, 10)
    assert not await parts.abandon(begun, NOW)
    assert not await parts.abandon(verified, NOW)
    assert await parts.leftovers(NOW) == []
    assert await parts.verified() == [verified]
    await parts.finish(verified, NOW)
    assert await parts.verified() == []


async def test_rows_of_a_track_that_has_an_object_id(mongo: Mongo, location: str) -> None:
    key, other = ObjectId(), {"_id": 1, "trackId": 5, "timestamp": OLD}
    await mongo.db["tracks"].insert_one({"_id": key, "title": "Of another program"})
    rows = [{"_id": 2, "trackId": key, "timestamp": OLD}, {"_id": 3, "trackId": str(key), "timestamp": OLD}]
    await mongo.db["play_events"].insert_many([*rows, {"_id": 4, "timestamp": OLD}, other])
    rollups = house(mongo, Noon()).rollups
    await rollups.rebuild(Interval(OLD, OLD + DAY))
    await mongo.db["rollup_state"].insert_one({"_id": "coverage", "from": OLD})
    report = await archiver(mongo, location, rollups=rollups).run()
    assert (report.rows, report.removed, report.held_back) == (4, 3, 1)
    archived = await archived_splits(mongo)
    assert {track: split.counted.plays for (track, _), split in archived.items()} == {str(key): 2, "": 1}
    # No bucket counts a track that is called by a number, so its rows stay for whoever put them there.
    assert await mongo.db["play_events"].find({}).to_list(None) == [other]


@pytest.mark.slow
@pytest.mark.parametrize("again", ["rollup", "rebuild", "close"])
async def test_rolling_up_after_archiving_changes_no_total(mongo: Mongo, location: str, again: str) -> None:
    rows = random_rows(11, 400, days=16)
    await put(mongo, rows)
    rollups = house(mongo, Noon()).rollups
    everything = Interval(NOW - 25 * DAY, NOW)
    await rollups.rebuild(everything)
    await mongo.db["rollup_state"].insert_one({"_id": "coverage", "from": everything.start})
    await rollups.close()
    before = await totals(mongo)
    assert (await archiver(mongo, location, rollups=rollups).run()).removed > 50
    assert await totals(mongo) == before
    if again == "rollup":
        await mark(mongo, {(row["trackId"], row["date"]) async for row in mongo.db["daily_stats"].find({})})
        await rollups.run()
    elif again == "rebuild":
        await rollups.rebuild(everything)
    else:
        await rollups.close()
    assert await totals(mongo) == before


async def totals(mongo: Mongo) -> dict[Any, Any]:
    """The sums of all buckets, of tracks and of everything. Distinct sessions are estimated nearly exactly here."""
    left_out = {"_id", "asOf", "hoursAsOf", "createdAt", "updatedAt", "archived", "listeners", "uniquePlaysIsEstimate"}
    found = {}
    for name in ("daily_stats", "weekly_stats", "monthly_stats", "yearly_stats", "platform_stats"):
        async for row in mongo.db[name].find({}):
            key = (name, *(row.get(field) for field in ("trackId", "granularity", *PERIOD_FIELDS.values(), "start")))
            found[key] = {field: without_sketch(row[field]) for field in row.keys() - left_out}
    return found
