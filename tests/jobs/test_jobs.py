"""Jobs: each run happens in one process, and what became of it is remembered."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from app.clock import SystemClock
from app.errors import NotFound
from app.models.jobs import Job, Outcome, Summary
from app.repositories.job_runs import JobRunRepository
from app.repositories.mongo import Mongo
from app.services.jobs import JobService
from tests.conftest import DATABASE
from tests.serving import ShiftedClock


class Work:
    """Counts how often it was done."""

    def __init__(self) -> None:
        self.runs = 0

    async def __call__(self) -> Summary:
        self.runs += 1
        return {"done": self.runs}


async def fail() -> Summary:
    raise ValueError("the disk is full")


def service(mongo: Mongo, work: Work, clock: SystemClock | None = None) -> JobService:
    jobs = [Job("work", "Works", "* * * * *", work), Job("broken", "Fails", "* * * * *", fail)]
    return JobService(jobs, JobRunRepository(mongo), clock or SystemClock())


def runs_shown(job: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("playledger_job_runs_total", {"job": job, "outcome": outcome}) or 0


async def test_a_slot_is_run_by_one_of_many_processes(mongod: str, mongo: Mongo) -> None:
    work = Work()
    clients = [Mongo(mongod, DATABASE) for _ in range(8)]
    services = [service(client, work) for client in clients]
    outcomes = await asyncio.gather(*(one.run_slot("work", "2026-06-01T00:00Z") for one in services))
    for client in clients:
        client.close()
    assert work.runs == 1
    assert sorted(outcomes, key=bool) == [None] * 7 + [{"done": 1}]
    assert await service(mongo, work).run_slot("work", "2026-06-01T00:00Z") is None
    assert await service(mongo, work).run_slot("work", "2026-06-01T00:01Z") == {"done": 2}
    assert [run.outcome for run in await service(mongo, work).history("work")] == [Outcome.DONE] * 2


async def test_running_now_needs_no_slot(mongo: Mongo) -> None:
    jobs = service(mongo, Work())
    before = runs_shown("work", "done")
    assert [await jobs.run_now("work"), await jobs.run_now("work")] == [{"done": 1}, {"done": 2}]
    assert runs_shown("work", "done") - before == 2
    slots = {run.slot for run in await jobs.history("work")}
    assert len(slots) == 2
    assert all(slot.startswith("manual-") for slot in slots)


async def test_history_is_the_latest_twenty_first(mongo: Mongo) -> None:
    work = Work()
    for minute in range(22):
        await service(mongo, work, ShiftedClock(timedelta(minutes=minute))).run_now("work")
    history = await service(mongo, work).history("work")
    assert [run.summary["done"] for run in history] == list(range(22, 2, -1))
    latest = history[0]
    assert latest.finished_at is not None
    assert latest.finished_at >= latest.started_at > datetime.now(UTC)
    assert (latest.job, latest.error) == ("work", None)


async def test_a_failure_is_remembered_and_raised(mongo: Mongo) -> None:
    jobs = service(mongo, Work())
    before = runs_shown("broken", "failed")
    with pytest.raises(ValueError, match="the disk is full"):
        await jobs.run_slot("broken", "slot")
    [run] = await jobs.history("broken")
    assert (run.outcome, run.error, run.summary) == (Outcome.FAILED, "ValueError: the disk is full", {})
    assert runs_shown("broken", "failed") - before == 1
    assert await jobs.history("work") == []


async def test_a_run_whose_process_was_killed_stays_running(mongo: Mongo) -> None:
    assert await JobRunRepository(mongo).take("work", "slot", datetime(2026, 6, 1, tzinfo=UTC))
    [run] = await service(mongo, Work()).history("work")
    assert (run.outcome, run.finished_at, run.summary) == (Outcome.RUNNING, None, {})


@pytest.mark.parametrize("call", ["run_now", "history"])
async def test_an_unknown_job_is_told_which_there_are(mongo: Mongo, call: str) -> None:
    with pytest.raises(NotFound, match="work, broken"):
        await getattr(service(mongo, Work()), call)("wrok")


async def test_the_runs_of_ninety_days_ago_are_forgotten(mongo: Mongo) -> None:
    indexes = await mongo.db["job_runs"].index_information()
    assert indexes["kept"]["expireAfterSeconds"] == timedelta(days=90).total_seconds()
