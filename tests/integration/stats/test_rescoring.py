"""Past events judged anew: only what changes is written, counts equal rows at every moment, and the way back exists."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import FailureReason, TransientFailure
from app.models.stats.events import Batch, EventType, Exclusion, ExclusionKind, Sender, StatsEvent
from app.models.stats.periods import Interval
from app.models.stats.rescoring import RescoreReport, VerdictChange
from app.repositories import stats_rescoring
from app.repositories.mongo import Mongo
from app.repositories.stats_events import StatsEventRepository
from app.repositories.stats_rescoring import StatsRescoringRepository
from app.repositories.stats_tallies import RAW_COLLECTIONS
from app.services.group_commit import Bounds, GroupCommit
from app.services.stats.own_plays import OwnPlays
from app.services.stats.rescoring import EVERYTHING, RescoringService, Rules
from tests.integration.stats.ledger import START, counters_off, everything, random_rows, recount, seed_events

GOOGLE = Exclusion(ExclusionKind.BOT, "user_agent: Googlebot", "1")
LIBRARY = Exclusion(ExclusionKind.BOT, "user_agent: okhttp", "2")
TOO_FAST = Exclusion(ExclusionKind.BOT, "velocity", "1")


def only_google(user_agent: str) -> Exclusion | None:
    return GOOGLE if "Googlebot" in user_agent else None


def libraries_too(user_agent: str) -> Exclusion | None:
    return LIBRARY if "okhttp" in user_agent else only_google(user_agent)


def nobody(user_agent: str) -> Exclusion | None:
    return None


def service(mongo: Mongo, rule: Any = only_google, limit: int = 1_000) -> RescoringService:
    return RescoringService(StatsRescoringRepository(mongo), Rules(rule, TOO_FAST, limit))


async def add_artist(mongo: Mongo, artist_id: str, user: str, *, exclude: bool) -> None:
    await mongo.db["artists"].insert_one({"_id": artist_id, "userId": user, "excludeOwnPlays": exclude})


async def play(mongo: Mongo, **fields: Any) -> None:
    row = {"trackId": "track-0", "sessionId": "s", "timestamp": START, **fields}
    await mongo.db["play_events"].insert_one(row)
    counts = {} if "excluded" in row else {"playCount": 1}
    await mongo.db["tracks"].update_one(
        {"_id": row["trackId"]}, {"$setOnInsert": {"artistId": "artist-0"}, "$inc": counts}, upsert=True
    )


async def reasons(mongo: Mongo) -> Counter[str | None]:
    rows = await mongo.db["play_events"].find({}).to_list(None)
    return Counter((row.get("excluded") or {}).get("reason") for row in rows)


async def tracks(mongo: Mongo) -> list[dict[str, Any]]:
    return await mongo.db["tracks"].find({}, {"dirty": 0, "dirtyHours": 0, "isDirty": 0}).sort("_id", 1).to_list(None)


def expected(row: dict[str, Any], is_play: bool, own: dict[str, str]) -> dict[str, Any] | None:
    """The judgement again, in the words of this test."""
    if "Googlebot" in row["userAgent"]:
        return {"kind": "bot", "reason": "user_agent: Googlebot", "ruleVersion": "1"}
    artist = f"artist-{int(row['trackId'].removeprefix('track-')) % 3}"
    if is_play and row.get("userId") is not None and own.get(artist) == row["userId"]:
        return {"kind": "own", "reason": "own_play", "ruleVersion": "1"}
    return None


async def test_nothing_stored(mongo: Mongo) -> None:
    assert await service(mongo).run() == RescoreReport()


@pytest.mark.parametrize("seed", range(5))
async def test_every_row_gets_the_verdict_of_the_present_rules(
    mongo: Mongo, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stats_rescoring, "_PAGE", 7)
    rows = random_rows(random.Random(seed), 300)
    await seed_events(mongo, rows)
    await add_artist(mongo, "artist-0", "ann", exclude=True)
    await add_artist(mongo, "artist-1", "bob", exclude=False)
    heard: list[int] = []
    report = await service(mongo).run(progress=heard.append)

    judged = {
        row["_id"]: expected(row, kind is EventType.PLAY, {"artist-0": "ann"}) for kind in rows for row in rows[kind]
    }
    assert {row["_id"]: row.get("excluded") for row in await everything(mongo)} == judged
    before = {row["_id"]: row.get("excluded") for of_kind in rows.values() for row in of_kind}
    turned = {key for key in judged if (judged[key] is None) != (before[key] is None)}
    assert report.looked == heard[-1] == 300
    assert report.newly_excluded + report.restored == len(turned)
    assert report.newly_excluded == sum(judged[key] is not None for key in turned)
    assert await counters_off(mongo) == []

    marks = {
        (row["trackId"], row["timestamp"].date().isoformat())
        for of_kind in rows.values()
        for row in of_kind
        if (judged[row["_id"]] or {}).get("kind") != (before[row["_id"]] or {}).get("kind")
    }
    dirty = await mongo.db["tracks"].find({"isDirty": True}).to_list(None)
    assert {(track["_id"], day) for track in dirty for day in track["dirty"]} == marks

    again = await service(mongo).run()
    assert (again.newly_excluded, again.restored, again.other_reason) == (0, 0, 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_there_and_back_again(mongo: Mongo, seed: int) -> None:
    await seed_events(mongo, random_rows(random.Random(seed), 300))
    await service(mongo).run()
    rows, counted = await everything(mongo), await tracks(mongo)
    there = await service(mongo, libraries_too, limit=1).run()
    assert there.newly_excluded > 10
    assert await counters_off(mongo) == []
    assert await everything(mongo) != rows
    back = await service(mongo).run()
    assert back.restored == there.newly_excluded
    assert await everything(mongo) == rows
    assert await tracks(mongo) == counted


async def test_other_words_for_the_same_leave_counts_and_buckets_alone(mongo: Mongo) -> None:
    bot = {"kind": "bot", "reason": "an old rule", "ruleVersion": "0"}
    await play(mongo, userAgent="Googlebot", excluded=bot)
    report = await service(mongo).run()
    assert report.summary == {"looked": 1, "newlyExcluded": 0, "restored": 0, "otherReason": 1}
    assert await mongo.db["tracks"].count_documents({"isDirty": True}) == 0
    # A later version of the rules that says the same changes nothing.
    await mongo.db["play_events"].update_many({}, {"$set": {"excluded.ruleVersion": "0"}})
    assert (await service(mongo).run()).other_reason == 0


async def test_only_the_interval_is_judged(mongo: Mongo) -> None:
    for hours in (0, 30, 31, 60):
        await play(mongo, userAgent="Googlebot", timestamp=START + timedelta(hours=hours))
    within = Interval(START + timedelta(hours=30), START + timedelta(hours=60))
    assert (await service(mongo).run(within)).summary["newlyExcluded"] == 2
    assert await counters_off(mongo) == []
    assert await reasons(mongo) == {None: 2, GOOGLE.reason: 2}


async def test_more_plays_in_a_minute_than_anybody_hears(mongo: Mongo) -> None:
    minute = datetime(2026, 11, 3, 10, 59, tzinfo=UTC)
    for second in range(5):
        await play(mongo, sessionId="fast", timestamp=minute + timedelta(seconds=second))
        # As many, but over the edge of the minute; and as many by two.
        await play(mongo, sessionId="edge", timestamp=minute + timedelta(seconds=58 + second))
        await play(mongo, sessionId=f"pair-{second % 2}", timestamp=minute)
    report = await service(mongo, nobody, limit=4).run()
    assert report.summary["newlyExcluded"] == 5
    assert await mongo.db["play_events"].distinct("sessionId", {"excluded.reason": "velocity"}) == ["fast"]
    # An interval that begins within the minute judges it by all of its plays.
    part = Interval(minute + timedelta(seconds=3), minute + timedelta(seconds=4))
    assert (await service(mongo, nobody, limit=4).run(part)).restored == 0
    assert (await service(mongo, nobody, limit=5).run()).restored == 5
    assert await counters_off(mongo) == []


async def test_a_bot_that_plays_as_the_artist_is_a_bot(mongo: Mongo) -> None:
    await add_artist(mongo, "artist-0", "ann", exclude=True)
    await play(mongo, userId="ann", userAgent="Googlebot")
    await play(mongo, userId="ann", userAgent="Firefox")
    await service(mongo).run()
    assert await reasons(mongo) == {GOOGLE.reason: 1, "own_play": 1}


async def test_a_row_without_a_user_agent_or_a_verdict_of_no_kind_counts(mongo: Mongo) -> None:
    await play(mongo)
    await play(mongo, userAgent=None)
    await mongo.db["play_events"].insert_one(
        {"trackId": "track-0", "sessionId": "s", "timestamp": START, "excluded": {"kind": "odd"}}
    )
    await mongo.db["play_events"].insert_one({"timestamp": START})
    report = await service(mongo, lambda _agent: GOOGLE).run()
    assert report.summary == {"looked": 3, "newlyExcluded": 0, "restored": 0, "otherReason": 0}


async def own_rows(mongo: Mongo) -> int:
    return await mongo.db["play_events"].count_documents({"excluded.kind": "own"})


async def test_the_switch_there_and_back(mongo: Mongo) -> None:
    await seed_events(mongo, random_rows(random.Random(11), 400))
    await add_artist(mongo, "artist-0", "ann", exclude=False)
    await add_artist(mongo, "artist-1", "bob", exclude=True)
    await service(mongo).run()
    rows, counted, bobs = await everything(mongo), await tracks(mongo), await own_rows(mongo)
    assert bobs > 0
    own = OwnPlays(StatsRescoringRepository(mongo))

    await mongo.db["artists"].update_one({"_id": "artist-0"}, {"$set": {"excludeOwnPlays": True}})
    await own.rejudge("artist-0")
    assert await own_rows(mongo) > bobs
    assert await counters_off(mongo) == []
    full = await service(mongo).run()
    assert (full.newly_excluded, full.restored, full.other_reason) == (0, 0, 0)

    await mongo.db["artists"].update_one({"_id": "artist-0"}, {"$set": {"excludeOwnPlays": False}})
    await own.rejudge("artist-0")
    assert await everything(mongo) == rows
    assert await tracks(mongo) == counted


async def test_a_track_that_changes_hands_takes_its_plays_along(mongo: Mongo) -> None:
    await add_artist(mongo, "artist-0", "ann", exclude=True)
    await add_artist(mongo, "artist-1", "bob", exclude=True)
    for user in ("ann", "bob"):
        await play(mongo, userId=user, userAgent="Firefox")
    own = OwnPlays(StatsRescoringRepository(mongo))
    await own.rejudge("artist-0")
    assert await mongo.db["play_events"].distinct("userId", {"excluded": {"$ne": None}}) == ["ann"]
    await mongo.db["tracks"].update_one({"_id": "track-0"}, {"$set": {"artistId": "artist-1"}})
    await own.rejudge("artist-0")
    await own.rejudge("artist-1")
    assert await mongo.db["play_events"].distinct("userId", {"excluded": {"$ne": None}}) == ["bob"]
    assert await counters_off(mongo) == []


async def test_an_artist_that_is_nobodys_or_unknown(mongo: Mongo) -> None:
    await mongo.db["artists"].insert_one({"_id": "a", "userId": 5, "excludeOwnPlays": True})
    await play(mongo, userAgent="Firefox")
    for artist in ("a", "unknown"):
        await OwnPlays(StatsRescoringRepository(mongo)).rejudge(artist)
    assert await reasons(mongo) == {None: 1}


class Crash(Exception):
    """The process is gone."""


class Dying(StatsRescoringRepository):
    """Writes one piece less than it is asked for, and dies."""

    async def judge(self, kind: EventType, changes: Sequence[VerdictChange]) -> list[VerdictChange]:
        await super().judge(kind, changes[:3])
        raise Crash


async def test_a_crash_half_way_leaves_right_counts_and_the_next_run_does_the_rest(mongo: Mongo) -> None:
    await seed_events(mongo, random_rows(random.Random(5), 300))
    before = await everything(mongo)
    with pytest.raises(Crash):
        await RescoringService(Dying(mongo), Rules(only_google, TOO_FAST, 1_000)).run()
    after = await everything(mongo)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 3
    assert await counters_off(mongo) == []
    rest = await service(mongo).run()
    assert rest.newly_excluded > 3
    assert await counters_off(mongo) == []


class Doubtful(StatsRescoringRepository):
    """Writes, but does not hear of it the first time."""

    asked = 0

    async def judge(self, kind: EventType, changes: Sequence[VerdictChange]) -> list[VerdictChange]:
        made = await super().judge(kind, changes)
        self.asked += 1
        if self.asked == 1:
            raise TransientFailure(FailureReason.UNKNOWN)
        return made


async def test_what_somebody_else_has_judged_already_is_not_changed_again(mongo: Mongo) -> None:
    await play(mongo, userAgent="Googlebot")
    [row] = await everything(mongo)
    change = VerdictChange(row["_id"], None, GOOGLE)
    rows = StatsRescoringRepository(mongo)
    assert await rows.judge(EventType.PLAY, [change]) == [change]
    assert await rows.judge(EventType.PLAY, [change]) == []
    assert await counters_off(mongo) == []


async def test_the_report_is_exact_after_an_unknown_outcome(mongo: Mongo) -> None:
    for _ in range(4):
        await play(mongo, userAgent="Googlebot")
    report = await RescoringService(Doubtful(mongo), Rules(only_google, TOO_FAST, 1_000)).run()
    assert report.newly_excluded == 4
    assert await counters_off(mongo) == []


def a_batch(number: int) -> Batch:
    at = datetime.now(UTC).replace(microsecond=0)
    events = [
        StatsEvent(
            index=index,
            event_id=f"event-{number}-{index}",
            type=EventType.PLAY,
            track_id=f"track-{index % 6}",
            session_id=f"session-{number}",
            timestamp=at,
            is_clamped=False,
            fingerprint=1,
        )
        for index in range(20)
    ]
    return Batch(events, Sender(None, None, ["Firefox", "Googlebot"][number % 2], None), at)


async def test_events_come_in_meanwhile(mongo: Mongo) -> None:
    await seed_events(mongo, random_rows(random.Random(6), 1_500))
    engine = GroupCommit(
        "rescoring-test", StatsEventRepository(mongo).record, bounds=Bounds(patience=timedelta(minutes=1))
    )

    async def play_on() -> None:
        for start in range(0, 60, 4):
            await asyncio.gather(*(engine.submit(a_batch(number)) for number in range(start, start + 4)))

    async with asyncio.timeout(40):
        await asyncio.gather(play_on(), service(mongo).run(), service(mongo).run())
        await service(mongo).run()
    assert await counters_off(mongo) == []
    assert await mongo.db["play_events"].count_documents({"eventId": {"$exists": True}}) == 1_200
    assert await mongo.db["play_events"].count_documents({"userAgent": "Googlebot", "excluded": None}) == 0
    assert (await recount(mongo))["track-0"]["playCount"] > 100
    again = await service(mongo).run(EVERYTHING)
    assert (again.newly_excluded, again.restored, again.other_reason) == (0, 0, 0)


async def test_all_collections_are_judged(mongo: Mongo) -> None:
    for name in RAW_COLLECTIONS.values():
        await mongo.db[name].insert_one({"trackId": "t", "timestamp": START, "userAgent": "Googlebot"})
    assert (await service(mongo).run()).newly_excluded == len(EventType)
