"""Erasure takes away exactly what a person left, at any moment with counts that equal rows; copies hold all of it."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from app.clock import SystemClock
from app.errors import FailureReason, TransientFailure, Unavailable
from app.models.privacy import RowKey
from app.models.reactions import Reaction, ReactionChange
from app.models.songs import SongCounts
from app.models.stats.events import EventType
from app.models.views import ViewReport
from app.repositories.copyright_free_erasure import SongRowErasureRepository
from app.repositories.mongo import Mongo
from app.repositories.personal_rows import PersonalRowRepository
from app.repositories.reactions import ReactionRepository
from app.repositories.stats_dirt import NOT_ONLY_ADDED
from app.repositories.stats_erasure import ArtistProfileErasureRepository, StatsEventErasureRepository
from app.repositories.stats_tallies import RAW_COLLECTIONS
from app.repositories.views import ViewRepository
from app.services import privacy
from app.services.copyright_free import personal_data as copyright_free_data
from app.services.copyright_free.announcements import Announcements
from app.services.group_commit import Bounds, GroupCommit
from app.services.privacy import PersonalData, PersonalRows, PrivacyService
from app.services.stats import personal_data as stats_data
from tests.integration.stats.ledger import counters_off, random_rows, seed_events

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SONG_ROWS = {"views": "viewCount", "likes": "likeCount", "bookmarks": "bookmarkCount"}
KINDS = ["views", "likes", "bookmarks", *(f"{kind.value}Events" for kind in EventType)]
ALL_KINDS = [*KINDS, "playlists", "submissions", "artistProfiles"]


class Heard:
    """A publisher that remembers."""

    def __init__(self) -> None:
        self.counts: list[SongCounts] = []

    def publish(self, counts: SongCounts) -> None:
        self.counts.append(counts)


def parts(mongo: Mongo, heard: Heard | None = None) -> tuple[PersonalData, ...]:
    songs = {name: SongRowErasureRepository(mongo, name, counter) for name, counter in SONG_ROWS.items()}
    return (
        *copyright_free_data.personal_data(**songs, announcements=Announcements(heard or Heard())),
        *stats_data.personal_data(
            events={kind: StatsEventErasureRepository(mongo, kind) for kind in EventType},
            playlists=PersonalRowRepository(mongo, "playlists", "ownerId"),
            submissions=PersonalRowRepository(mongo, "playlist_submissions", "submittedBy"),
            profiles=ArtistProfileErasureRepository(mongo),
        ),
    )


def service(mongo: Mongo, heard: Heard | None = None) -> PrivacyService:
    return PrivacyService(parts(mongo, heard), SystemClock())


async def seed_songs(mongo: Mongo, source: random.Random, users: Sequence[str], songs: int) -> None:
    """Songs (ids of both types) with random rows of the users, and right counters."""
    keys = [ObjectId() if number % 2 else f"song-{number}" for number in range(songs)]
    counts: dict[Any, Counter[str]] = {key: Counter() for key in keys}
    for name, counter in SONG_ROWS.items():
        rows = [
            {"userId": user, "songId": key, "createdAt": NOW, "viewedAt": NOW}
            for user in users
            for key in keys
            if source.random() < 0.6
        ]
        for row in rows:
            counts[row["songId"]][counter] += 1
        if rows:
            await mongo.db[name].insert_many(rows)
    await mongo.db["songs"].insert_many({"_id": key, "title": "T", **counts[key]} for key in keys)


async def songs_off(mongo: Mongo) -> list[Any]:
    """Songs whose counters are not their rows."""
    songs = await mongo.db["songs"].find({}).to_list(None)
    return [
        (song["_id"], counter)
        for name, counter in SONG_ROWS.items()
        for song in songs
        if song.get(counter, 0) != await mongo.db[name].count_documents({"songId": song["_id"]})
    ]


async def rows_of(mongo: Mongo, user: str) -> dict[str, list[dict[str, Any]]]:
    names = [*SONG_ROWS, *RAW_COLLECTIONS.values()]
    return {name: await mongo.db[name].find({"userId": user}).sort("_id", 1).to_list(None) for name in names}


async def copy_of(mongo: Mongo, user: str) -> dict[str, list[Any]]:
    return {name: [row async for row in rows] for name, rows in service(mongo).export(user)}


async def test_who_left_nothing_has_nothing(mongo: Mongo) -> None:
    assert await copy_of(mongo, "ann") == {name: [] for name in ALL_KINDS}
    receipt = await service(mongo).erase("ann")
    assert receipt.erased == dict.fromkeys(ALL_KINDS, 0)


@pytest.mark.parametrize("seed", range(5))
async def test_all_of_one_person_and_nothing_of_others(mongo: Mongo, seed: int) -> None:
    source = random.Random(seed)
    await seed_songs(mongo, source, ["ann", "bob"], 12)
    await seed_events(mongo, random_rows(source, 400))
    bobs, anonymous = await rows_of(mongo, "bob"), await mongo.db["play_events"].count_documents({"userId": None})
    anns = await rows_of(mongo, "ann")

    copied = await copy_of(mongo, "ann")
    assert [len(copied[name]) for name in KINDS] == [len(rows) for rows in anns.values()]
    assert {row["userId"] for name in KINDS for row in copied[name]} == {"ann"}

    receipt = await service(mongo).erase("ann")
    assert [receipt.erased[name] for name in KINDS] == [len(rows) for rows in anns.values()]
    assert all(not rows for rows in (await rows_of(mongo, "ann")).values())
    assert await rows_of(mongo, "bob") == bobs
    assert await mongo.db["play_events"].count_documents({"userId": None}) == anonymous
    assert await counters_off(mongo) == []
    assert await songs_off(mongo) == []

    again = await service(mongo).erase("ann")
    assert again.erased == dict.fromkeys(ALL_KINDS, 0)
    assert again.receipt_id != receipt.receipt_id


async def test_marks_are_put_on_exactly_the_days_and_hours_that_lost_rows(mongo: Mongo) -> None:
    rows = random_rows(random.Random(7), 300)
    await seed_events(mongo, rows)
    await service(mongo).erase("ann")
    expected: dict[str, dict[str, int]] = {}
    for kind_rows in rows.values():
        for row in kind_rows:
            if row.get("userId") == "ann":
                day, hour = row["timestamp"].date().isoformat(), row["timestamp"].hour
                days = expected.setdefault(row["trackId"], {})
                days[day] = days.get(day, NOT_ONLY_ADDED) | 1 << hour
    found = await mongo.db["tracks"].find({"isDirty": True}).to_list(None)
    assert {str(track["_id"]): track["dirtyHours"] for track in found} == expected
    assert all(set(track["dirty"]) == set(track["dirtyHours"]) for track in found)


class Crash(Exception):
    """The process is gone."""


class Dying(StatsEventErasureRepository):
    """Dies after some transactions."""

    lives = 3

    async def remove(self, user_id: str, keys: Sequence[RowKey]) -> int:
        gone = await super().remove(user_id, keys)
        self.lives -= 1
        if not self.lives:
            raise Crash
        return gone


async def test_a_crash_half_way_leaves_right_counts_and_the_next_call_does_the_rest(mongo: Mongo) -> None:
    await seed_events(mongo, random_rows(random.Random(1), 800))
    before = len((await rows_of(mongo, "ann"))["play_events"])
    dying = PersonalRows("playEvents", Dying(mongo, EventType.PLAY), piece=10)
    with pytest.raises(Crash):
        await PrivacyService([dying], SystemClock()).erase("ann")
    left = len((await rows_of(mongo, "ann"))["play_events"])
    assert before - left == 30
    assert left > 0
    assert await counters_off(mongo) == []
    receipt = await service(mongo).erase("ann")
    assert receipt.erased["playEvents"] == left
    assert await counters_off(mongo) == []


async def test_counts_equal_rows_at_every_moment_while_others_play(mongo: Mongo) -> None:
    await seed_songs(mongo, random.Random(3), ["ann", "bob"], 30)
    keys = await mongo.db["songs"].distinct("_id")
    engine = GroupCommit("privacy-test", ViewRepository(mongo).record, bounds=Bounds(patience=timedelta(minutes=1)))
    looked = 0

    async def listen() -> None:
        for number in range(40):
            reports = [ViewReport(f"user-{number}", key, str(key), 0, 0, False, NOW) for key in keys]
            await asyncio.gather(*(engine.submit(report) for report in reports))

    async def erase() -> None:
        songs = SongRowErasureRepository(mongo, "views", "viewCount")
        one = PersonalRows("views", _Taking(songs), piece=5)
        assert (await PrivacyService([one], SystemClock()).erase("ann")).erased["views"] > 0

    listening, erasing = asyncio.create_task(listen()), asyncio.create_task(erase())
    async with asyncio.timeout(30):
        while not (listening.done() and erasing.done()):
            assert await _off_in_one_snapshot(mongo) == []
            looked += 1
        await asyncio.gather(listening, erasing)
    assert looked > 2
    assert await songs_off(mongo) == []
    assert await mongo.db["views"].count_documents({"userId": "ann"}) == 0


class _Taking:
    """Song rows without listeners."""

    def __init__(self, rows: SongRowErasureRepository) -> None:
        self.read, self.pick, self._rows = rows.read, rows.pick, rows

    async def remove(self, user_id: str, keys: Sequence[RowKey]) -> int:
        return (await self._rows.take(user_id, keys))[0]


async def _off_in_one_snapshot(mongo: Mongo) -> list[Any]:
    def look(session: Any) -> list[Any]:
        counted = mongo.in_thread["views"].aggregate([{"$sortByCount": "$songId"}], session=session)
        rows = {row["_id"]: row["count"] for row in counted}
        songs = mongo.in_thread["songs"].find({}, session=session)
        return [song["_id"] for song in songs if song.get("viewCount", 0) != rows.get(song["_id"], 0)]

    return await mongo.snapshot(look)


async def test_events_that_arrive_meanwhile_are_erased_too(mongo: Mongo) -> None:
    await seed_events(mongo, random_rows(random.Random(4), 50))
    sent: list[datetime] = []

    class Playing(StatsEventErasureRepository):
        """The player is open while the first two rounds run."""

        async def pick(self, user_id: str, limit: int) -> list[RowKey]:
            picked = await super().pick(user_id, limit)
            if not picked and len(sent) < 2:
                sent.append(SystemClock().now())
                late = {"trackId": "track-0", "sessionId": "s", "userId": "ann", "timestamp": NOW}
                await mongo.db["play_events"].insert_one(late)
                await mongo.db["tracks"].update_one({"_id": "track-0"}, {"$inc": {"playCount": 1}})
            return picked

    before = len((await rows_of(mongo, "ann"))["play_events"])
    part = PersonalRows("playEvents", Playing(mongo, EventType.PLAY))
    receipt = await PrivacyService([part], SystemClock()).erase("ann")
    assert receipt.erased["playEvents"] == before + 2
    assert receipt.erased_at >= sent[-1]
    assert await counters_off(mongo) == []


async def test_an_erasure_ends_though_the_player_does_not(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "_ROUNDS", 4)

    class Endless:
        name = "playEvents"

        async def erase(self, user_id: str) -> Any:
            yield 1

    assert (await PrivacyService([Endless()], SystemClock()).erase("ann")).erased == {"playEvents": 4}


async def test_rows_of_a_song_or_track_that_is_gone_are_erased(mongo: Mongo) -> None:
    for name in SONG_ROWS:
        await mongo.db[name].insert_one({"userId": "ann", "songId": "gone"})
    await mongo.db["play_events"].insert_one({"userId": "ann", "trackId": "gone", "timestamp": NOW})
    await mongo.db["play_events"].insert_one({"userId": "ann", "odd": True})
    receipt = await service(mongo).erase("ann")
    assert [receipt.erased[name] for name in ("views", "likes", "bookmarks", "playEvents")] == [1, 1, 1, 2]
    assert await mongo.db["songs"].count_documents({}) == await mongo.db["tracks"].count_documents({}) == 0


async def test_listeners_hear_of_lowered_counts(mongo: Mongo) -> None:
    await mongo.db["songs"].insert_one({"_id": "s", "viewCount": 2, "likeCount": 1, "countsRevision": 9})
    await mongo.db["views"].insert_many({"userId": user, "songId": "s"} for user in ("ann", "bob"))
    await mongo.db["likes"].insert_one({"userId": "ann", "songId": "s"})
    heard = Heard()
    await service(mongo, heard).erase("ann")
    assert [(one.view_count, one.like_count, one.revision) for one in heard.counts] == [(1, 1, 10), (1, 0, 11)]


async def test_an_erased_view_can_be_counted_again(mongo: Mongo) -> None:
    await mongo.db["songs"].insert_one({"_id": "s", "viewCount": 0})
    report = ViewReport("ann", "s", "s", 0, 0, False, NOW)
    await ViewRepository(mongo).record([report])
    await ReactionRepository(mongo, Reaction.LIKE).record([ReactionChange("ann", "s", "s", is_set=True)], NOW)
    await service(mongo).erase("ann")
    [recorded] = await ViewRepository(mongo).record([report])
    assert recorded is not None
    assert recorded.is_new
    assert (recorded.counts.view_count, recorded.counts.like_count) == (1, 0)


async def test_playlists_go_and_a_profile_belongs_to_nobody(mongo: Mongo) -> None:
    for user in ("ann", "bob"):
        await mongo.db["artists"].insert_one({"_id": f"artist-{user}", "name": user, "userId": user})
        await mongo.db["playlists"].insert_one({"_id": f"list-{user}", "ownerId": user, "title": "T"})
    submissions = [("ann", "list-bob"), ("bob", "list-ann")]
    await mongo.db["playlist_submissions"].insert_many(
        {"submittedBy": user, "playlistId": playlist, "trackId": f"track-{user}"} for user, playlist in submissions
    )
    copied = await copy_of(mongo, "ann")
    assert [copied[name][0].get("id") for name in ("playlists", "artistProfiles")] == ["list-ann", "artist-ann"]
    assert copied["submissions"][0]["playlistId"] == "list-bob"

    receipt = await service(mongo).erase("ann")
    assert [receipt.erased[name] for name in ("playlists", "submissions", "artistProfiles")] == [1, 1, 1]
    profile = await mongo.db["artists"].find_one({"_id": "artist-ann"})
    assert profile is not None
    assert profile["name"] == "ann"
    assert not isinstance(profile["userId"], str)
    assert await mongo.db["playlists"].distinct("_id") == ["list-bob"]
    assert await mongo.db["playlist_submissions"].distinct("submittedBy") == ["bob"]
    assert (await mongo.db["artists"].find_one({"_id": "artist-bob"}))["userId"] == "bob"
    # Another profile can be taken out as well: the field is unique.
    assert (await service(mongo).erase("bob")).erased["artistProfiles"] == 1


async def test_a_copy_holds_whatever_was_stored(mongo: Mongo) -> None:
    key = ObjectId()
    odd = {
        "_id": key,
        "userId": "ann",
        "songId": key,
        "when": NOW + timedelta(milliseconds=5),
        "list": [key, {"n": float("nan")}],
        "raw": b"\x01",
        "none": None,
        "flag": True,
    }
    await mongo.db["views"].insert_one(odd)
    [row] = (await copy_of(mongo, "ann"))["views"]
    assert row == {
        "id": str(key),
        "userId": "ann",
        "songId": str(key),
        "when": NOW + timedelta(milliseconds=5),
        "list": [str(key), {"n": None}],
        "raw": "01",
        "none": None,
        "flag": True,
    }


class Failing(PersonalRowRepository):
    """Removes, and does not know it; or is away."""

    reasons: list[FailureReason]

    async def remove(self, user_id: str, keys: Sequence[RowKey]) -> int:
        reason = self.reasons.pop(0) if self.reasons else None
        if reason is FailureReason.UNKNOWN:
            await super().remove(user_id, keys)
        if reason is not None:
            raise TransientFailure(reason)
        return await super().remove(user_id, keys)


async def test_a_receipt_is_exact_after_an_unknown_outcome(mongo: Mongo) -> None:
    await mongo.db["playlists"].insert_many({"ownerId": "ann"} for _ in range(7))
    rows = Failing(mongo, "playlists", "ownerId")
    rows.reasons = [FailureReason.CONFLICT, FailureReason.UNKNOWN]
    receipt = await PrivacyService([PersonalRows("playlists", rows)], SystemClock()).erase("ann")
    assert receipt.erased == {"playlists": 7}


async def test_a_database_that_is_away_can_be_asked_again(mongo: Mongo) -> None:
    await mongo.db["playlists"].insert_many({"ownerId": "ann"} for _ in range(7))
    rows = Failing(mongo, "playlists", "ownerId")
    rows.reasons = [FailureReason.AWAY]
    erasing = PrivacyService([PersonalRows("playlists", rows)], SystemClock())
    with pytest.raises(Unavailable):
        await erasing.erase("ann")
    assert (await erasing.erase("ann")).erased == {"playlists": 7}
