"""The scheduler: fires, gives each time of the schedule one name, and ends in order."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from apscheduler.triggers.cron import CronTrigger

from app.clock import Clock, SystemClock
from app.config import Settings
from app.container import Container
from app.jobs import scheduler as scheduling
from app.jobs.schedule import jobs_of
from app.jobs.scheduler import Scheduler, slot_of
from app.models.jobs import Job, Outcome, Summary
from app.repositories.job_runs import JobRunRepository
from app.repositories.mongo import Mongo
from app.services.jobs import JobService
from tests.conftest import DATABASE
from tests.serving import settings_for


class At(Clock):
    """A clock that stands."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class Gate:
    """Work that lasts until it is let go."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.open = asyncio.Event()
        self.runs = 0

    async def __call__(self) -> Summary:
        self.begun.set()
        await self.open.wait()
        self.runs += 1
        return {}


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def job(gate: Gate) -> Job:
    return Job("gated", "Waits", "* * * * *", gate)


def service(mongo: Mongo, *jobs: Job) -> JobService:
    return JobService(jobs, JobRunRepository(mongo), SystemClock())


@pytest.fixture
async def scheduler(mongo: Mongo, job: Job) -> AsyncIterator[Scheduler]:
    running = Scheduler(service(mongo, job), At(NOON))
    running.start()
    yield running
    if running.is_running:
        await running.stop()


def test_a_slot_is_the_nearest_minute_in_utc() -> None:
    name = "2026-06-01T12:00Z"
    for shift in (0, 29.999, -30, -0.001):
        assert slot_of(NOON + timedelta(seconds=shift)) == name
    assert slot_of(NOON + timedelta(seconds=30)) == "2026-06-01T12:01Z"
    assert slot_of(NOON.astimezone(timezone(timedelta(hours=-7)))) == name


async def test_it_runs_from_start_to_stop(mongo: Mongo, job: Job) -> None:
    scheduler = Scheduler(service(mongo, job), SystemClock())
    assert not scheduler.is_running
    scheduler.start()
    assert scheduler.is_running
    await scheduler.stop()
    await asyncio.sleep(0)
    assert not scheduler.is_running


async def test_the_clock_of_the_scheduler_fires_a_job(
    mongo: Mongo, job: Job, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_second = CronTrigger(second="*", timezone=UTC)
    monkeypatch.setattr(scheduling.CronTrigger, "from_crontab", lambda *_args, **_kwargs: every_second)
    gate.open.set()
    scheduler = Scheduler(service(mongo, job), At(NOON))
    scheduler.start()
    async with asyncio.timeout(30):
        await gate.begun.wait()
    await scheduler.stop()
    [run] = await service(mongo, job).history("gated")
    assert (run.slot, run.outcome) == ("2026-06-01T12:00Z", Outcome.DONE)


async def test_two_processes_that_fire_together_run_it_once(mongo: Mongo, job: Job, gate: Gate) -> None:
    gate.open.set()
    for seconds in (-0.2, 0, 0.3):
        scheduler = Scheduler(service(mongo, job), At(NOON + timedelta(seconds=seconds)))
        scheduler.start()
        await scheduler._fire(job)()
        await scheduler.stop()
    assert gate.runs == 1


async def test_stop_waits_for_what_runs(scheduler: Scheduler, mongo: Mongo, job: Job, gate: Gate) -> None:
    await scheduler._fire(job)()
    await gate.begun.wait()
    stopping = asyncio.create_task(scheduler.stop())
    _done, still = await asyncio.wait([stopping], timeout=0.05)
    assert still
    gate.open.set()
    await stopping
    [run] = await service(mongo, job).history("gated")
    assert run.outcome is Outcome.DONE


async def test_stop_cancels_what_takes_too_long(
    scheduler: Scheduler, job: Job, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "_SHUTDOWN_PATIENCE", timedelta(seconds=0.05))
    await scheduler._fire(job)()
    await gate.begun.wait()
    async with asyncio.timeout(30):
        await scheduler.stop()
    assert gate.runs == 0
    assert not scheduler._running


class Listener:
    """Hears what is logged."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def exception(self, event: str, *, job: str) -> None:
        self.heard.append((event, job))


async def test_a_job_that_fails_is_logged_and_the_next_one_runs(
    mongo: Mongo, gate: Gate, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener()
    monkeypatch.setattr(scheduling, "log", listener)

    async def fail() -> Summary:
        raise ValueError("the disk is full")

    broken = Job("broken", "Fails", "* * * * *", fail)
    scheduler = Scheduler(service(mongo, broken, job), At(NOON))
    scheduler.start()
    gate.open.set()
    await scheduler._fire(broken)()
    await scheduler._fire(job)()
    await scheduler.stop()
    assert listener.heard == [("job_failed", "broken")]
    assert gate.runs == 1


class NoVerifier:
    """Nobody asks."""


@pytest.fixture
async def house(mongod: str, mongo: Mongo) -> AsyncIterator[Container]:
    settings: Settings = settings_for(mongod, DATABASE)
    house = Container(settings, Mongo(mongod, DATABASE), NoVerifier(), NoVerifier(), SystemClock())
    yield house
    await house.close()


async def test_every_job_of_the_schedule_can_be_fired_and_run(house: Container, mongo: Mongo) -> None:
    await mongo.db["songs"].insert_one({"_id": "s", "viewCount": 3})
    await mongo.db["song_removals"].insert_one({"_id": "gone"})
    jobs = JobService(jobs_of(house), house.job_runs, house.clock)
    done = {job.name: await jobs.run_now(job.name) for job in jobs.jobs}
    await house.stats.backfills.idle()
    assert done["finish-removals"] == {"finished": 1}
    assert done["reconcile"] == {"songs": 1, "drifting": 1, "drift": 3}
    assert set(done) - {"finish-removals", "reconcile"} == {
        "rollups",
        "close-rollups",
        "reconcile-statistics",
        "archive",
        "check-licenses",
        "downloads",
        "close-views",
        "reconcile-episodes",
        "series-metrics",
        "episode-rollups",
        "resume-syncs",
        "reseal-credentials",
        "sync-catalogues",
        "webhook-deliveries",
        "webhook-receipts",
    }
    for job in jobs.jobs:
        assert scheduling.trigger_of(job).get_next_fire_time(None, NOON)


def test_a_job_may_run_more_often_than_every_minute() -> None:
    often = Job("often", "Runs twice a minute", "*/30 * * * * *", Gate())
    times = [NOON]
    while len(times) < 4:
        times.append(scheduling.trigger_of(often).get_next_fire_time(times[-1], times[-1] + timedelta(milliseconds=1)))
    assert [time - NOON for time in times] == [timedelta(seconds=30 * turn) for turn in range(4)]
    late = NOON + timedelta(seconds=32)
    assert slot_of(late, timedelta(seconds=10)) == slot_of(NOON + timedelta(seconds=29), timedelta(seconds=10))
    assert slot_of(late, timedelta(seconds=10)) == "2026-06-01T12:00:30Z"
