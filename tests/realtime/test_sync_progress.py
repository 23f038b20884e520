"""Progress of syncs: told to admins only, on change only, the last state always."""

import asyncio
import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import Conflict, Forbidden, NotFound, Unavailable
from app.metrics import SUBSCRIPTIONS
from app.models.identity import Identity, Role
from app.models.licensing.providers import ProviderName
from app.models.licensing.sync import SyncJob, SyncKind, SyncOptions, SyncProgress, SyncStatus
from app.realtime.connection import MAX_ROOMS, Connection
from app.realtime.outbox import Outbox
from app.realtime.sync_progress import SyncProgress as Progress
from tests.realtime.live_server import LiveServer
from tests.realtime.node import NodeClient

NEVER = 3600.0
NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
ROOM = "admin:sync"


def job(job_id: str = "one", status: SyncStatus = SyncStatus.RUNNING, fetched: int = 0) -> SyncJob:
    return SyncJob(
        job_id, SyncKind.CATALOGUE, ProviderName.SOUNDSTRIPE, status, SyncOptions(), NOW, started_at=NOW,
        progress=SyncProgress(fetched=fetched, created=fetched, total=100),
    )  # fmt: skip


class FakeSyncs:
    """Shows what is not over, the newest, and whatever is asked for."""

    def __init__(self, *jobs: SyncJob) -> None:
        self.jobs = {one.id: one for one in jobs}
        self.newest: set[str] = set()
        self.asked: list[set[str]] = []
        self.fail_with: Exception | None = None
        self.hold: asyncio.Event | None = None

    async def watched(self, job_ids: Collection[str]) -> list[SyncJob]:
        self.asked.append(set(job_ids))
        seen = [one for one in self.jobs.values() if not one.is_over or one.id in self.newest | set(job_ids)]
        if self.hold is not None:
            await self.hold.wait()
        if self.fail_with is not None:
            raise self.fail_with
        return seen

    def put(self, one: SyncJob) -> None:
        self.jobs[one.id] = one


def connection(name: str = "a", *roles: Role) -> Connection:
    identity = Identity(name, frozenset(roles or {Role.ADMIN}), frozenset(), NOW + timedelta(days=1))
    return Connection(name, name, Outbox(1000), None, identity=identity)


def heard(listener: Connection) -> list[tuple[str, str, int]]:
    updates = []
    while len(listener.outbox):
        packet = listener.outbox.get_nowait()
        assert packet
        event, payload = json.loads(packet.data[1:])
        assert event == "sync-progress"
        updates.append((payload["id"], payload["status"], payload["progress"]["fetched"]))
    return updates


async def test_admins_are_told_what_has_changed(quiet: Progress, syncs: FakeSyncs) -> None:
    early, late = connection("early"), connection("late")
    joined = await quiet.join(early, ROOM)
    assert [one["id"] for one in joined["jobs"]] == ["one"]
    await quiet.check()
    assert heard(early) == []
    syncs.put(job(fetched=10))
    await quiet.join(late, ROOM)
    await quiet.check()
    await quiet.check()
    assert (heard(early), heard(late)) == ([("one", "running", 10)], [])
    quiet.leave(early, ROOM)
    quiet.leave_all(late)
    assert not quiet.is_watched


async def test_the_last_state_is_told_and_forgotten(quiet: Progress, syncs: FakeSyncs) -> None:
    listener = connection()
    await quiet.join(listener, ROOM)
    syncs.put(job(status=SyncStatus.COMPLETED, fetched=100))
    await quiet.check()
    assert heard(listener) == [("one", "completed", 100)]
    await quiet.check()
    await quiet.check()
    assert heard(listener) == []
    assert syncs.asked == [set(), {"one"}, set(), set()]


async def test_a_job_that_came_and_went_between_two_looks_is_told(quiet: Progress, syncs: FakeSyncs) -> None:
    listener = connection()
    await quiet.join(listener, ROOM)
    syncs.put(job("short", SyncStatus.FAILED))
    syncs.newest = {"short"}
    await quiet.check()
    await quiet.check()
    assert heard(listener) == [("short", "failed", 0)]


async def test_who_joins_or_leaves_during_a_check_hears_nothing_old(quiet: Progress, syncs: FakeSyncs) -> None:
    early, late, gone = connection("early"), connection("late"), connection("gone")
    await quiet.join(early, ROOM)
    await quiet.join(gone, ROOM)
    syncs.put(job(fetched=10))
    syncs.hold = asyncio.Event()
    checking = asyncio.create_task(quiet.check())
    await asyncio.sleep(0)
    hold, syncs.hold = syncs.hold, None
    syncs.put(job(fetched=20))
    await quiet.join(late, ROOM)
    quiet.leave_all(gone)
    hold.set()
    await checking
    assert (heard(early), heard(late), heard(gone)) == ([("one", "running", 10)], [], [])
    await quiet.check()
    assert (heard(early), heard(late)) == ([("one", "running", 20)], [])


async def test_others_are_not_let_in(quiet: Progress) -> None:
    anonymous = Connection("a", "a", Outbox(10), None)
    for listener in (anonymous, connection("artist", Role.ARTIST)):
        with pytest.raises(Forbidden, match="admin"):
            await quiet.join(listener, ROOM)
        assert listener.named_rooms == {}
    with pytest.raises(NotFound, match="Room not found"):
        await quiet.join(connection(), "admin:secrets")
    assert not quiet.is_watched


async def test_a_failed_join_leaves_nothing_behind(quiet: Progress, syncs: FakeSyncs) -> None:
    listener, before = connection(), SUBSCRIPTIONS._value.get()
    syncs.fail_with = Unavailable("away")
    with pytest.raises(Unavailable):
        await quiet.join(listener, ROOM)
    assert (listener.named_rooms, quiet.is_watched, SUBSCRIPTIONS._value.get() - before) == ({}, False, 0)
    syncs.fail_with = None
    listener.rooms = {f"song-{number}": "s" for number in range(MAX_ROOMS)}
    with pytest.raises(Conflict):
        await quiet.join(listener, ROOM)
    listener.rooms.clear()
    for _ in range(2):
        await quiet.join(listener, ROOM)
    assert SUBSCRIPTIONS._value.get() - before == 1
    for _ in range(2):
        quiet.leave(listener, ROOM)
    assert SUBSCRIPTIONS._value.get() - before == 0


@pytest.mark.parametrize("failure", [Unavailable("away"), RuntimeError("a fault of ours")], ids=["away", "fault"])
async def test_a_failed_look_is_made_up_for_and_nobody_looks_unwatched(syncs: FakeSyncs, failure: Exception) -> None:
    quick = Progress(syncs, 0.01)
    await quick.start()
    await asyncio.sleep(0.03)
    assert syncs.asked == []
    listener = connection()
    await quick.join(listener, ROOM)
    syncs.fail_with = failure
    syncs.put(job(fetched=10))
    while len(syncs.asked) < 4:
        await asyncio.sleep(0.005)
    syncs.fail_with = None
    assert await asyncio.wait_for(listener.outbox.get(), 5)
    quick.leave_all(listener)
    await asyncio.sleep(0.03)
    asked = len(syncs.asked)
    await asyncio.sleep(0.03)
    assert len(syncs.asked) == asked
    await quick.stop()


class Verifier:
    """The user `admin` is one."""

    async def verify(self, token: str) -> Identity:
        roles = frozenset({Role.ADMIN} if token == "admin" else ())
        return Identity(token, roles, frozenset(), NOW + timedelta(days=365))


async def test_what_the_contract_promises(node: NodeClient, syncs: FakeSyncs) -> None:
    with LiveServer(others=(Progress(syncs, 0.02),)) as server:
        server.do(lambda: setattr(server.realtime, "_verifier", Verifier()))
        await node.connect("a", server.url, transports=["websocket"], auth={"token": "admin"})
        await node.connect("b", server.url, transports=["websocket"], auth={"token": "ann"})
        await node.connect("c", server.url, transports=["websocket"])
        joined = await node.call("a", "subscribe", {"room": ROOM})
        assert (joined["ok"], joined["room"], [one["id"] for one in joined["jobs"]]) == (True, ROOM, ["one"])
        for other in ("b", "c"):
            refused = await node.call(other, "subscribe", {"room": ROOM})
            assert refused == {"ok": False, "error": "Only an admin may watch this", "code": "FORBIDDEN"}
        done = replace(job(status=SyncStatus.COMPLETED, fetched=100), finished_at=NOW)
        server.do(lambda: syncs.put(done))
        event: dict[str, Any] = await node.wait_for("a", lambda one: one["event"] == "sync-progress")
        progress = {"fetched": 100, "created": 100, "updated": 0, "unchanged": 0, "failed": 0, "total": 100}
        shown = event["payload"]
        assert (shown["id"], shown["provider"], shown["status"]) == ("one", "soundstripe", "completed")
        assert (shown["progress"], shown["error"]) == (progress, None)
        assert shown["startedAt"] == shown["finishedAt"] == "2026-06-01T02:00:00.000Z"
        assert await node.call("a", "unsubscribe", {"room": ROOM}) == {"ok": True, "room": ROOM}
        unknown = await node.call("a", "subscribe", {"room": "admin:secrets"})
        assert unknown == {"ok": False, "error": "Room not found", "code": "NOT_FOUND"}


@pytest.fixture
async def syncs() -> FakeSyncs:
    return FakeSyncs(job())


@pytest.fixture
def quiet(syncs: FakeSyncs) -> Progress:
    """Looks when it is told to."""
    return Progress(syncs, NEVER)
