"""Whatever happens to a worker, a provider or the database, the sync goes on where it was, and counts a page once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.errors import FailureReason, NotFound, QuotaExceeded, TransientFailure, Unavailable
from app.models.licensing.sync import SyncDraft, SyncJob, SyncKind, SyncOptions, SyncStatus
from app.repositories.mongo import Mongo
from app.services.licensing.errors import ProviderFailed
from app.services.licensing.sync.worker import PATIENCE
from tests.licensing.sync_house import SOUNDSTRIPE, House, catalogue, close_all, counts, house
from tests.waiting import eventually

OPEN = ProviderFailed(SOUNDSTRIPE, "Soundstripe is left alone for a while", is_open=True)
DOWN = ProviderFailed(SOUNDSTRIPE, "Soundstripe answered with status 503", status=503)
BUSY = QuotaExceeded("Soundstripe says that its quota is used up", timedelta(seconds=90))


class Killed(BaseException):
    """What no line of ours catches."""


class Kill:
    """Lets a worker die before or after its call number `at` to any repository."""

    def __init__(self, at: int, *, after: bool) -> None:
        self.left = at
        self._after = after

    def within(self, part: Any) -> "Mortal":
        return Mortal(part, self)

    async def pass_by(self, call: Callable[[], Awaitable[Any]]) -> Any:
        self.left -= 1
        if self.left < 0 or (self.left == 0 and not self._after):
            raise Killed
        result = await call()
        if self.left == 0:
            raise Killed
        return result


class Mortal:
    """A repository in the hands of a worker that is to die."""

    def __init__(self, part: Any, kill: Kill) -> None:
        self._part = part
        self._kill = kill

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        call = getattr(self._part, name)
        return lambda *given: self._kill.pass_by(lambda: call(*given))


@pytest.fixture(autouse=True)
async def _houses_are_closed() -> AsyncIterator[None]:
    yield
    await close_all()


async def let_leases_expire(mongo: Mongo) -> None:
    """A holder was killed, and its time is over."""
    await mongo.db["leases"].update_many({}, {"$set": {"expiresAt": datetime(2000, 1, 1, tzinfo=UTC)}})


async def ordered(at_house: House, **options: Any) -> SyncJob:
    """A job that nobody works on yet."""
    draft = SyncDraft(SyncKind.CATALOGUE, SOUNDSTRIPE, SyncOptions(**options))
    job = await at_house.jobs.add(draft, at_house.clock.now())
    assert job is not None
    return job


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_worker_may_die_at_any_call(mongo: Mongo, after: bool) -> None:
    provider = catalogue(25)
    healthy = house(mongo, provider)
    await healthy.sync()
    gone = [provider.tracks.pop(5)]
    for at in range(1, 40):
        provider.calls.clear()
        job = await ordered(healthy)
        dying = house(mongo, provider, clock=healthy.clock)
        kill = Kill(at, after=after)
        for part in ("_jobs", "_pages", "_leases"):
            setattr(dying.worker, part, kill.within(getattr(dying.worker, part)))
        dying.worker._steps._catalogue = kill.within(dying.tracks)
        survived = False
        try:
            survived = await dying.worker.work(job.id)
        except Killed:
            await let_leases_expire(mongo)
            await healthy.syncs.resume()
        done = await healthy.done(job.id)
        assert done.status is SyncStatus.COMPLETED
        assert counts(done) == {"unchanged": 24} | ({"vanished": 1} if gone else {})
        assert len([call for call in provider.calls if call.startswith("walk")]) <= 3 + (not survived)
        if survived:
            break
        provider.tracks, gone = sorted(provider.tracks + gone, key=lambda one: int(one.id)), []
        await healthy.sync()
        gone = [provider.tracks.pop(5)]
    assert at > 7


async def test_an_orphan_is_taken_once_its_lease_is_over(mongo: Mongo) -> None:
    provider = catalogue(25)
    at_house = house(mongo, provider)
    job = await ordered(at_house)
    far = datetime.now(UTC) + timedelta(minutes=5)
    await mongo.db["leases"].insert_one({"_id": f"sync-{job.id}", "owner": "dead", "expiresAt": far})
    assert await at_house.syncs.resume() == {"unfinished": 1}
    await at_house.syncs.idle()
    assert (await at_house.syncs.get(job.id)).status is SyncStatus.QUEUED
    assert provider.calls == []
    await let_leases_expire(mongo)
    assert await at_house.syncs.resume() == {"unfinished": 1}
    assert counts(await at_house.done(job.id)) == {"created": 25}
    assert await at_house.syncs.resume() == {"unfinished": 0}
    assert await mongo.db["leases"].count_documents({"_id": {"$regex": "^sync-"}}) == 0


async def test_of_two_workers_on_one_step_one_is_too_late(mongo: Mongo) -> None:
    provider = catalogue(25)
    at_house = house(mongo, provider)
    job = await at_house.jobs.begin((await ordered(at_house)).id, at_house.clock.now())
    step = await at_house.worker._steps.next(job)
    first, second = await asyncio.gather(
        *(_through(lambda: at_house.pages.commit(job, step, at_house.clock.now())) for _ in range(2))
    )
    assert (first is None) != (second is None)
    assert counts(await at_house.jobs.get(job.id)) == {"created": 10}
    await at_house.syncs.resume()
    assert counts(await at_house.done(job.id)) == {"created": 25}


async def _through(commit: Callable[[], Awaitable[SyncJob | None]]) -> SyncJob | None:
    while True:
        try:
            return await commit()
        except TransientFailure:
            continue


@pytest.mark.parametrize("reason", list(FailureReason))
@pytest.mark.parametrize("was_done", [False, True])
async def test_a_database_that_is_away_for_a_moment_costs_no_call(
    mongo: Mongo, reason: FailureReason, was_done: bool
) -> None:
    provider = catalogue(25)
    at_house = house(mongo, provider)
    commit, failures = at_house.pages.commit, [1, 3, 4]
    calls = 0

    async def shaky(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls in failures:
            if was_done:
                await commit(*given)
            raise TransientFailure(reason)
        return await commit(*given)

    at_house.pages.commit = shaky
    assert counts(await at_house.sync()) == {"created": 25}
    assert provider.calls == ["walk None", "walk 10", "walk 20"]


async def test_a_database_that_stays_away_leaves_the_job_to_others(
    mongo: Mongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.services.licensing.sync.worker._DATABASE_ATTEMPTS", 2)
    provider = catalogue(25)
    at_house, other = house(mongo, provider), house(mongo, provider)

    async def away(*_: Any) -> Any:
        raise TransientFailure(FailureReason.AWAY)

    at_house.pages.commit = away
    job = await ordered(at_house)
    with pytest.raises(Unavailable):
        await at_house.worker.work(job.id)
    assert (await other.syncs.get(job.id)).status is SyncStatus.RUNNING
    await other.syncs.resume()
    assert counts(await other.done(job.id)) == {"created": 25}


async def test_a_provider_that_is_away_is_waited_for(mongo: Mongo) -> None:
    provider = catalogue(25, errors=[DOWN, OPEN, BUSY, OPEN])
    at_house = house(mongo, provider)
    job = await at_house.sync()
    assert (job.status, job.error, counts(job)) == (SyncStatus.COMPLETED, None, {"created": 25})
    seconds, said = zip(*at_house.waits, strict=True)
    assert 0.5 <= seconds[0] <= 1
    assert 1 <= seconds[1] <= 2
    assert seconds[2] == 90
    assert 4 <= seconds[3] <= 8
    assert said == tuple(f"Waits for soundstripe: {error.message}" for error in (DOWN, OPEN, BUSY, OPEN))
    assert (await at_house.jobs.get(job.id)).waiting_since is None


async def test_it_is_waited_for_an_hour_over_all_workers(mongo: Mongo) -> None:
    provider = catalogue(25, errors=[DOWN] * 500)
    at_house = house(mongo, provider)
    job = await at_house.sync()
    assert (job.status, job.error) == (SyncStatus.FAILED, DOWN.message)
    assert PATIENCE <= job.finished_at - job.started_at < PATIENCE + timedelta(minutes=1)
    assert 60 < len(at_house.waits) < 180
    waited = await ordered(at_house)
    await at_house.jobs.begin(waited.id, at_house.clock.now())
    await at_house.jobs.wait(waited.id, at_house.clock.now() - PATIENCE, "Waits for soundstripe")
    assert await at_house.worker.work(waited.id)
    assert (await at_house.jobs.get(waited.id)).status is SyncStatus.FAILED


@pytest.mark.parametrize(
    "error",
    [
        ProviderFailed(SOUNDSTRIPE, "Soundstripe refused the call (status 401)", status=401),
        ProviderFailed(SOUNDSTRIPE, "Soundstripe refused the call (status 403)", status=403),
        ProviderFailed(SOUNDSTRIPE, "Soundstripe answered with status 404", status=404),
        NotFound("Track not found"),
    ],
    ids=str,
)
async def test_what_will_not_heal_ends_it(mongo: Mongo, error: Any) -> None:
    at_house = house(mongo, catalogue(25, errors=[error]))
    job = await at_house.sync()
    assert (job.status, job.error, at_house.waits) == (SyncStatus.FAILED, error.message, [])
    assert counts(await at_house.sync()) == {"created": 25}


async def test_a_provider_that_is_switched_off_half_way_ends_it(mongo: Mongo) -> None:
    provider = catalogue(25, room=asyncio.Semaphore(1))
    at_house = house(mongo, provider)
    job = await at_house.syncs.start(SOUNDSTRIPE, SyncOptions())
    # The first page is stored, and the second under way.
    await eventually(lambda: provider.begun == 2)
    at_house.setups.change(SOUNDSTRIPE, enabled=False)
    provider.room.release()
    done = await at_house.done(job.id)
    assert (done.status, counts(done)) == (SyncStatus.FAILED, {"created": 20})
    assert "switched off" in str(done.error)


async def test_a_fault_of_ours_ends_it_without_saying_too_much(mongo: Mongo) -> None:
    at_house = house(mongo, catalogue(25, errors=[ValueError("the key is hunter2")]))
    job = await at_house.sync()
    assert (job.status, job.error) == (SyncStatus.FAILED, "Something went wrong on our side; the log says what")


async def test_single_tracks_are_waited_for_when_all_of_them_fail(mongo: Mongo) -> None:
    provider = catalogue(25)
    at_house = house(mongo, provider)
    provider.errors = [DOWN, DOWN, DOWN, OPEN, BUSY]
    assert counts(await at_house.sync_tracks("1", "2", "3")) == {"created": 3}
    assert [said for _, said in at_house.waits] == [
        f"Waits for soundstripe: {error.message}" for error in (DOWN, OPEN, BUSY)
    ]
    provider.errors = [DOWN]
    job = await at_house.sync_tracks("4", "5")
    assert (counts(job), [one.track_id for one in job.failures]) == ({"created": 1, "failed": 1}, ["4"])


async def test_a_slow_provider_is_named(mongo: Mongo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.services.licensing.sync.worker._SLOW_SECONDS", 0.01)
    provider = catalogue(25, room=asyncio.Semaphore(0))
    at_house = house(mongo, provider)
    ordered_job = await at_house.syncs.start(SOUNDSTRIPE, SyncOptions())
    async with asyncio.timeout(60):
        while (job := await at_house.syncs.get(ordered_job.id)).error is None:
            await asyncio.sleep(0.01)
    assert job.error == "Waits for soundstripe: its quota is used up, or it is slow"
    provider.room = None
    at_house.syncs._tasks._tasks[job.id].cancel()
    await at_house.syncs.idle()
    await at_house.syncs.resume()
    assert (await at_house.done(job.id)).error is None
