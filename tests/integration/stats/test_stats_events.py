"""Events in the ledger: each once, with counters and marks that are right at every committed moment."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import FailureReason, TransientFailure
from app.models.stats.events import (
    Action,
    Batch,
    EventStatus,
    EventType,
    Exclusion,
    ExclusionKind,
    Platform,
    RejectionCode,
    Sender,
    StatsEvent,
)
from app.repositories.mongo import Mongo
from app.repositories.stats_events import KEPT_FOR, StatsEventRepository
from app.repositories.stats_tallies import RAW_COLLECTIONS
from app.services.stats.ingest import IngestService

NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)
ANYBODY = Sender(None, "203.0.113.0", "Mozilla/5.0", "NL")
BOT = Exclusion(ExclusionKind.BOT, "user_agent: Googlebot", "1")


class NobodyIsABot:
    def judge(self, events: Any, sender: Sender) -> dict[int, Exclusion]:
        return {}


def event(index: int, event_id: str | None = None, kind: EventType = EventType.PLAY, **changes: Any) -> StatsEvent:
    fields = {
        "index": index,
        "event_id": event_id or f"event-{index}",
        "type": kind,
        "track_id": "track-1",
        "session_id": f"session-{index % 7}",
        "timestamp": NOW - timedelta(hours=index % 50),
        "is_clamped": False,
        "fingerprint": index + 1,
        "source": "player",
        "action": {EventType.LIKE: Action.LIKE.value, EventType.SAVE: Action.SAVE.value}.get(kind),
        "platform": Platform.EMBED.value if kind is EventType.SHARE else None,
    }
    return StatsEvent(**(fields | changes))


def batch(*events: StatsEvent, sender: Sender = ANYBODY, **changes: Any) -> Batch:
    return Batch(list(events), sender, NOW, **changes)


@pytest.fixture
async def tracks(mongo: Mongo) -> Mongo:
    await mongo.db["tracks"].insert_many({"_id": f"track-{number}", "artistId": "artist-1"} for number in range(1, 4))
    return mongo


@pytest.fixture
def events(tracks: Mongo) -> StatsEventRepository:
    return StatsEventRepository(tracks)


async def rows(mongo: Mongo, kind: EventType = EventType.PLAY) -> list[dict[str, Any]]:
    return await mongo.db[RAW_COLLECTIONS[kind]].find({}).to_list(None)


async def track(mongo: Mongo, track_id: Any = "track-1") -> dict[str, Any]:
    found = await mongo.db["tracks"].find_one({"_id": track_id})
    assert found is not None
    return found


async def test_a_new_event_is_a_row_a_count_and_a_mark(events: StatsEventRepository, tracks: Mongo) -> None:
    new = event(0, duration=12.5, completion_rate=80, skipped=True, playlist_id="p-1")
    [recorded] = await events.record([batch(new)])
    assert (recorded.accepted, recorded.duplicates, recorded.rejected, recorded.receipts) == (1, 0, 0, [])
    [row] = await rows(tracks)
    assert isinstance(row.pop("_id"), ObjectId)
    assert row == {
        "eventId": "event-0",
        "trackId": "track-1",
        "sessionId": "session-0",
        "timestamp": NOW,
        "createdAt": NOW,
        "userAgent": "Mozilla/5.0",
        "ip": "203.0.113.0",
        "country": "NL",
        "source": "player",
        "duration": 12.5,
        "completionRate": 80,
        "playlistId": "p-1",
        "skipped": True,
        "replayed": False,
    }
    found = await track(tracks)
    assert (found["playCount"], found["isDirty"], list(found["dirty"])) == (1, True, ["2026-06-10"])


async def test_the_same_event_again_is_a_duplicate_whatever_sends_it(
    events: StatsEventRepository, tracks: Mongo
) -> None:
    await events.record([batch(event(0))])
    other = Sender("user-2", "198.51.100.0", "Other", None)
    first, second = await events.record([batch(event(0), sender=other), batch(event(0), event(1))])
    assert (first.duplicates, second.duplicates, second.accepted) == (1, 1, 1)
    assert first.receipts[0].status is EventStatus.DUPLICATE
    assert (await track(tracks))["playCount"] == len(await rows(tracks)) == 2


async def test_another_event_under_a_used_id_is_refused_of_any_type(
    events: StatsEventRepository, tracks: Mongo
) -> None:
    like = event(5, "event-0", EventType.LIKE)
    in_one_group = event(6, "event-9")
    await events.record([batch(event(0))])
    [recorded] = await events.record([batch(like, event(9), in_one_group)])
    assert (recorded.accepted, recorded.rejected) == (1, 2)
    assert {one.code for one in recorded.receipts} == {RejectionCode.CONFLICT}
    assert await rows(tracks, EventType.LIKE) == []


async def test_an_unknown_track_costs_the_others_nothing_and_its_id_stays_free(
    events: StatsEventRepository, tracks: Mongo
) -> None:
    lost = event(1, track_id="track-x")
    [recorded] = await events.record([batch(event(0), lost)])
    assert (recorded.accepted, recorded.rejected) == (1, 1)
    assert recorded.receipts[0].code is RejectionCode.UNKNOWN_TRACK
    await tracks.db["tracks"].insert_one({"_id": "track-x"})
    [again] = await events.record([batch(lost)])
    assert again.accepted == 1


async def test_a_removed_track_is_unknown(events: StatsEventRepository, tracks: Mongo) -> None:
    await tracks.db["tracks"].update_one({"_id": "track-1"}, {"$set": {"removedAt": NOW}})
    [recorded] = await events.record([batch(event(0))])
    assert recorded.receipts[0].code is RejectionCode.UNKNOWN_TRACK


@pytest.mark.parametrize("name", ["slug-1", "665f00000000000000000001", "665F00000000000000000001"])
async def test_a_song_is_known_by_id_and_slug_and_gets_a_shadow(
    events: StatsEventRepository, tracks: Mongo, name: str
) -> None:
    key = ObjectId("665f00000000000000000001")
    await tracks.db["songs"].insert_one(
        {"_id": key, "slug": "slug-1", "title": "T", "artistId": "a", "duration": 90_000}
    )
    for number in range(2):
        [recorded] = await events.record([batch(event(number, track_id=name))])
        assert recorded.accepted == 1
    shadow = await track(tracks, str(key))
    assert (shadow["playCount"], shadow["likeCount"], shadow["title"], shadow["duration"]) == (2, 0, "T", 90.0)
    assert shadow["songId"] == str(key)
    assert {row["trackId"] for row in await rows(tracks)} == {str(key)}
    await tracks.db["songs"].delete_one({"_id": key})
    [gone] = await events.record([batch(event(7, track_id=str(key)))])
    assert gone.receipts[0].code is RejectionCode.UNKNOWN_TRACK


async def test_a_track_of_another_program_keeps_its_object_id(events: StatsEventRepository, tracks: Mongo) -> None:
    key = ObjectId()
    await tracks.db["tracks"].insert_one({"_id": key})
    [recorded] = await events.record([batch(event(0, track_id=str(key).upper()))])
    assert recorded.accepted == 1
    assert (await track(tracks, key))["playCount"] == 1
    assert [row["trackId"] for row in await rows(tracks)] == [str(key)]


async def test_counters_of_each_type(events: StatsEventRepository, tracks: Mongo) -> None:
    unlike = event(3, kind=EventType.LIKE, action=Action.UNLIKE.value)
    kinds = [event(index, kind=kind) for index, kind in enumerate(EventType, start=10)]
    await events.record([batch(*kinds, unlike)])
    found = await track(tracks)
    assert [found.get(f"{name}Count", 0) for name in ("play", "like", "share", "download")] == [1, 0, 1, 1]
    assert [len(await rows(tracks, kind)) for kind in EventType] == [1, 2, 1, 1, 1]


async def test_bots_are_kept_but_not_counted(events: StatsEventRepository, tracks: Mongo) -> None:
    [recorded] = await events.record([batch(event(0), event(1), verdicts={1: BOT})])
    assert recorded.accepted == 2
    assert [(one.index, one.status) for one in recorded.receipts] == [(1, EventStatus.BOT)]
    tagged = [row["excluded"] for row in await rows(tracks) if "excluded" in row]
    assert tagged == [{"kind": "bot", "reason": "user_agent: Googlebot", "ruleVersion": "1"}]
    assert (await track(tracks))["playCount"] == 1


@pytest.mark.parametrize(("is_on", "counted"), [(True, 0), (False, 1)])
async def test_own_plays_follow_the_switch_and_likes_do_not(
    events: StatsEventRepository, tracks: Mongo, is_on: bool, counted: int
) -> None:
    await tracks.db["artists"].insert_one({"_id": "artist-1", "userId": "user-1", "excludeOwnPlays": is_on})
    me = replace(ANYBODY, user_id="user-1")
    [recorded] = await events.record([batch(event(0), event(1, kind=EventType.LIKE), sender=me)])
    assert recorded.accepted == 2
    found = await track(tracks)
    assert (found.get("playCount", 0), found["likeCount"]) == (counted, 1)
    others = replace(ANYBODY, user_id="user-2")
    await events.record([batch(event(2), sender=others)])
    assert (await track(tracks))["playCount"] == counted + 1


async def test_a_batch_meets_its_own_rows_after_an_unknown_outcome(events: StatsEventRepository, tracks: Mongo) -> None:
    sent = batch(event(0), event(1), verdicts={1: BOT})
    await events.record([sent])
    [again] = await events.record([sent])
    assert (again.accepted, again.duplicates) == (2, 0)
    [stranger] = await events.record([batch(event(0), event(1))])
    assert (stranger.accepted, stranger.duplicates) == (0, 2)
    assert (await track(tracks))["playCount"] == 1


class UnknownOutcomes:
    """A repository that commits, and then does not hear of it, the first time."""

    def __init__(self, inner: StatsEventRepository) -> None:
        self._inner = inner
        self._failed = False

    async def record(self, batches: Any) -> Any:
        recorded = await self._inner.record(batches)
        if not self._failed:
            self._failed = True
            raise TransientFailure(FailureReason.UNKNOWN)
        return recorded


async def test_the_receipt_is_right_when_the_outcome_was_unknown(events: StatsEventRepository, tracks: Mongo) -> None:
    service = IngestService(UnknownOutcomes(events), NobodyIsABot())
    ingested = await service.ingest([event(0), event(1)], [], ANYBODY, NOW)
    assert (ingested.accepted, ingested.duplicates, ingested.rejected) == (2, 0, 0)
    assert (await track(tracks))["playCount"] == 2


async def test_the_same_batch_ten_times_at_once_counts_once(events: StatsEventRepository, tracks: Mongo) -> None:
    services = [IngestService(StatsEventRepository(tracks), NobodyIsABot()) for _ in range(3)]
    sent = [event(number) for number in range(200)]
    done = await asyncio.gather(*(services[turn % 3].ingest(sent, [], ANYBODY, NOW) for turn in range(10)))
    assert sum(one.accepted for one in done) == 200
    assert all(one.accepted + one.duplicates + one.rejected == 200 for one in done)
    assert (await track(tracks))["playCount"] == len(await rows(tracks)) == 200
    assert await tracks.db["event_keys"].count_documents({}) == 200


async def test_one_id_as_two_types_from_two_processes_is_one_event(events: StatsEventRepository, tracks: Mongo) -> None:
    services = [IngestService(StatsEventRepository(tracks), NobodyIsABot()) for _ in range(2)]
    plays = [event(number, f"id-{number}") for number in range(50)]
    likes = [event(number + 100, f"id-{number}", EventType.LIKE) for number in range(50)]
    done = await asyncio.gather(
        services[0].ingest(plays, [], ANYBODY, NOW), services[1].ingest(likes, [], ANYBODY, NOW)
    )
    assert sum(one.accepted for one in done) == 50
    assert len(await rows(tracks)) + len(await rows(tracks, EventType.LIKE)) == 50


async def test_keys_outlive_the_week_in_which_an_event_is_accepted(events: StatsEventRepository, tracks: Mongo) -> None:
    await events.record([batch(event(0))])
    key = await tracks.db["event_keys"].find_one({})
    assert key is not None
    assert key["expiresAt"] == NOW + KEPT_FOR
    assert timedelta(days=7, minutes=5) < KEPT_FOR
    assert len(key["_id"]) == 16
    await tracks.db["play_events"].delete_many({})
    [recorded] = await events.record([batch(event(0))])
    assert recorded.duplicates == 1


async def test_ids_that_begin_with_their_time_count_once_too(events: StatsEventRepository, tracks: Mongo) -> None:
    ids = [f"0192f{number:03x}-7a00-7def-8abc-0123456789ab" for number in range(20)]
    sent = [event(number, name) for number, name in enumerate(ids)]
    assert [(await events.record([batch(*sent)]))[0].accepted for _ in range(2)] == [20, 0]
    other = event(900, ids[0], EventType.LIKE)
    [recorded] = await events.record([batch(other)])
    assert (recorded.accepted, recorded.rejected) == (0, 1)


ANY_EVENT = st.builds(
    lambda number, kind, copy: event(number, kind=kind, fingerprint=number * 10 + copy, track_id=f"track-{number % 4}"),
    st.integers(0, 12),
    st.sampled_from(EventType),
    st.integers(0, 1),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(ANY_EVENT, min_size=1, max_size=12), min_size=1, max_size=5))
async def test_receipts_add_up_and_counters_equal_rows(mongo: Mongo, groups: list[list[StatsEvent]]) -> None:
    for name in ("tracks", "event_keys", *RAW_COLLECTIONS.values()):
        await mongo.db[name].delete_many({})
    await mongo.db["tracks"].insert_many({"_id": f"track-{number}"} for number in range(1, 4))
    events = StatsEventRepository(mongo)
    recorded = await events.record([batch(*group) for group in groups])
    assert [one.accepted + one.duplicates + one.rejected for one in recorded] == [len(group) for group in groups]
    kept = [row for kind in EventType for row in await rows(mongo, kind)]
    assert sum(one.accepted for one in recorded) == len(kept) == len({row["eventId"] for row in kept})
    plays = {found["_id"]: found.get("playCount", 0) async for found in mongo.db["tracks"].find({})}
    counted = [row["trackId"] for row in await rows(mongo)]
    assert plays == {name: counted.count(name) for name in plays}
