"""Ordering syncs: one walk of a catalogue at a time, all catalogues as one job, cancelling, pages of jobs."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.errors import Conflict, NotFound
from app.models.licensing.providers import Capabilities
from app.models.licensing.sync import SyncFilter, SyncJob, SyncKind, SyncOptions, SyncProgress, SyncStatus
from app.repositories.mongo import Mongo
from app.services.licensing.errors import NotConfigured, NotSupported, ProviderFailed
from tests.licensing.fake_provider import policy
from tests.licensing.sync_house import ARCHIVE, ARTLIST, SOUNDSTRIPE, House, catalogue, close_all, counts, house

FAILS = ProviderFailed(ARTLIST, "Artlist refused the call (status 401)", status=401)


@pytest.fixture(autouse=True)
async def _houses_are_closed() -> AsyncIterator[None]:
    yield
    await close_all()


async def until(at_house: House, job_id: str, fetched: int) -> SyncJob:
    async with asyncio.timeout(60):
        while (job := await at_house.syncs.get(job_id)).progress.fetched < fetched:
            await asyncio.sleep(0.01)
    return job


async def test_two_admins_at_once_get_one_job(mongo: Mongo) -> None:
    provider = catalogue(25)
    houses = [house(mongo, provider) for _ in range(4)]
    ordered = await asyncio.gather(*(one.syncs.start(SOUNDSTRIPE, SyncOptions()) for one in houses for _ in range(3)))
    assert len({job.id for job in ordered}) == 1
    for one in houses:
        await one.syncs.idle()
    assert counts(await houses[0].done(ordered[0].id)) == {"created": 25}
    assert provider.calls == ["walk None", "walk 10", "walk 20"]


async def test_other_options_have_to_wait(mongo: Mongo) -> None:
    provider = catalogue(25, room=asyncio.Semaphore(0))
    at_house = house(mongo, provider)
    first = await at_house.syncs.start(SOUNDSTRIPE, SyncOptions())
    with pytest.raises(Conflict, match=first.id):
        await at_house.syncs.start(SOUNDSTRIPE, SyncOptions(max_tracks=1))
    provider.room = None
    assert (await at_house.syncs.start(SOUNDSTRIPE, SyncOptions())).id == first.id
    await at_house.syncs.cancel(first.id)
    await at_house.syncs.idle()
    assert (await at_house.sync(max_tracks=1)).id != first.id


async def test_named_tracks_do_not_wait_for_a_walk(mongo: Mongo) -> None:
    provider = catalogue(25, room=asyncio.Semaphore(1))
    at_house = house(mongo, provider)
    walk = await at_house.syncs.start(SOUNDSTRIPE, SyncOptions())
    await until(at_house, walk.id, 10)
    named = [await at_house.syncs.start_tracks(SOUNDSTRIPE, ["24"]) for _ in range(2)]
    assert named[0].id != named[1].id
    for _ in range(9):
        provider.room.release()
    assert counts(await at_house.done(walk.id)) in ({"created": 24, "unchanged": 1}, {"created": 25})
    both = [counts(await at_house.done(job.id)) for job in named]
    assert all(one in ({"created": 1}, {"unchanged": 1}) for one in both)


async def test_who_may_not_be_copied_or_is_not_set_up_is_refused(mongo: Mongo) -> None:
    openverse, archive = catalogue(3, ARTLIST), catalogue(3, ARCHIVE)
    openverse.policy = policy(ARTLIST, capabilities=Capabilities(can_walk=False))
    at_house = house(mongo, openverse, archive)
    at_house.setups.change(ARCHIVE, enabled=False)
    for call in (
        lambda name: at_house.syncs.start(name, SyncOptions()),
        lambda name: at_house.syncs.start_tracks(name, "1"),
    ):
        with pytest.raises(NotSupported, match="no copy"):
            await call(ARTLIST)
        with pytest.raises(NotConfigured, match="switched off"):
            await call(ARCHIVE)
    with pytest.raises(NotConfigured, match="No provider"):
        await at_house.syncs.start_all(SyncOptions())
    assert await mongo.db["sync_jobs"].count_documents({}) == 0


async def test_all_catalogues_are_one_job(mongo: Mongo) -> None:
    at_house = house(mongo, catalogue(25), catalogue(12, ARTLIST), catalogue(7, ARCHIVE))
    ordered = await at_house.syncs.start_all(SyncOptions())
    job = await at_house.done(ordered.id)
    assert (job.kind, job.provider, job.status) == (SyncKind.ALL, None, SyncStatus.COMPLETED)
    assert (counts(job), job.progress.total) == ({"created": 44}, 44)
    children = [await at_house.syncs.get(one) for one in job.children]
    assert [child.provider for child in children] == [SOUNDSTRIPE, ARTLIST, ARCHIVE]
    assert job.finished_at == max(child.finished_at for child in children)
    again = await at_house.done((await at_house.syncs.start_all(SyncOptions())).id)
    assert counts(again) == {"unchanged": 44}


async def test_one_that_fails_does_not_hinder_the_others(mongo: Mongo) -> None:
    at_house = house(mongo, catalogue(25), catalogue(12, ARTLIST, errors=[FAILS]))
    job = await at_house.done((await at_house.syncs.start_all(SyncOptions())).id)
    assert (job.status, job.error) == (SyncStatus.FAILED, "artlist: Artlist refused the call (status 401)")
    assert counts(job) == {"created": 25}


async def test_many_who_want_all_get_one_job(mongo: Mongo) -> None:
    room = asyncio.Semaphore(0)
    providers = [catalogue(15, room=room), catalogue(12, ARTLIST, room=room)]
    houses = [house(mongo, *providers) for _ in range(3)]
    running = await houses[0].syncs.start(ARTLIST, SyncOptions(max_tracks=5))
    ordered = await asyncio.gather(*(one.syncs.start_all(SyncOptions()) for one in houses))
    assert len({job.id for job in ordered}) == 1
    with pytest.raises(Conflict):
        await houses[0].syncs.start_all(SyncOptions(max_tracks=3))
    assert ordered[0].children[1] == running.id
    for _ in range(10):
        room.release()
    for one in houses:
        await one.syncs.idle()
    assert counts(await houses[0].done(ordered[0].id)) == {"created": 20}


@pytest.mark.parametrize("is_here", [True, False], ids=["here", "elsewhere"])
async def test_a_cancelled_job_stops_within_a_page(mongo: Mongo, is_here: bool) -> None:
    provider = catalogue(40, room=asyncio.Semaphore(2))
    at_house, other = house(mongo, provider), house(mongo, provider)
    ordered = await at_house.syncs.start(SOUNDSTRIPE, SyncOptions())
    await until(at_house, ordered.id, 20)
    cancelled = await (at_house if is_here else other).syncs.cancel(ordered.id)
    assert (cancelled.status, counts(cancelled)) == (SyncStatus.CANCELLED, {"created": 20})
    assert cancelled.finished_at is not None
    assert (await other.syncs.cancel(ordered.id)).status is SyncStatus.CANCELLED
    # It waits for an answer that never comes; that does not keep it.
    assert (await at_house.done(ordered.id)) == cancelled
    assert len(await at_house.stored()) == 20
    assert counts(await house(mongo, catalogue(40)).sync()) == {"created": 20, "unchanged": 20}


async def test_what_was_fetched_before_a_cancellation_is_not_stored_after_it(mongo: Mongo) -> None:
    provider = catalogue(20)
    at_house = house(mongo, provider)
    ordered = await at_house.jobs.begin(
        (await at_house.syncs.start(SOUNDSTRIPE, SyncOptions())).id, at_house.clock.now()
    )
    await at_house.syncs.close()
    before = len(await at_house.stored())
    job = await at_house.jobs.get(ordered.id)
    if not job.is_over:
        step = await at_house.worker._steps.next(job)
        await at_house.syncs.cancel(job.id)
        assert await at_house.pages.commit(job, step, at_house.clock.now()) is None
    assert len(await at_house.stored()) == before


async def test_all_are_cancelled_at_once(mongo: Mongo) -> None:
    room = asyncio.Semaphore(0)
    at_house = house(mongo, catalogue(25, room=room), catalogue(12, ARTLIST, room=room))
    ordered = await at_house.syncs.start_all(SyncOptions())
    cancelled = await at_house.syncs.cancel(ordered.id)
    assert cancelled.status is SyncStatus.CANCELLED
    await at_house.syncs.idle()
    assert {(await at_house.syncs.get(one)).status for one in ordered.children} == {SyncStatus.CANCELLED}
    assert await at_house.jobs.unfinished() == []


async def test_what_is_done_cannot_be_cancelled(mongo: Mongo) -> None:
    at_house = house(mongo, catalogue(3))
    job = await at_house.sync()
    with pytest.raises(Conflict, match="completed"):
        await at_house.syncs.cancel(job.id)
    for call in (at_house.syncs.get, at_house.syncs.cancel):
        with pytest.raises(NotFound, match="Sync job not found"):
            await call("nonsense")


async def test_jobs_are_listed_in_pages(mongo: Mongo) -> None:
    at_house = house(mongo, catalogue(3), catalogue(3, ARTLIST, errors=[FAILS]))
    made = [await at_house.sync(), await at_house.sync(ARTLIST), await at_house.sync_tracks("1")]
    overall = await at_house.done((await at_house.syncs.start_all(SyncOptions())).id)
    newest_first = [overall.id, *reversed(overall.children), *(job.id for job in reversed(made))]

    async def ids(provider: str | None = None, status: SyncStatus | None = None, limit: int = 20) -> list[str]:
        found, cursor = list[str](), None
        while True:
            page = await at_house.syncs.page(SyncFilter(provider, status, limit, cursor))
            found += [job.id for job in page.items]
            cursor = page.next_cursor
            if cursor is None:
                return found

    assert await ids() == await ids(limit=1) == await ids(limit=2) == newest_first
    assert await ids("all") == [overall.id]
    assert await ids("artlist") == [overall.children[1], made[1].id]
    assert await ids(status=SyncStatus.FAILED) == [made[1].id]
    assert await ids("artlist", SyncStatus.FAILED) == [made[1].id]
    assert await ids(status=SyncStatus.QUEUED) == []


async def test_a_watcher_sees_what_is_going_on_and_what_has_ended(mongo: Mongo) -> None:
    provider = catalogue(25, room=asyncio.Semaphore(1))
    at_house = house(mongo, provider)
    ordered = await at_house.syncs.start_all(SyncOptions())
    await until(at_house, ordered.id, 10)
    overall, child = sorted(await at_house.syncs.watched([]), key=lambda job: job.kind is not SyncKind.ALL)
    assert overall.status is child.status is SyncStatus.RUNNING
    assert overall.progress == child.progress == SyncProgress(fetched=10, created=10, total=25)
    heard: list[SyncJob] = []
    provider.room = None
    await at_house.syncs.cancel(ordered.id)
    assert (await at_house.syncs.complete(ordered.id, heard.append)).status is SyncStatus.CANCELLED
    assert {job.status for job in await at_house.syncs.watched([child.id])} == {SyncStatus.CANCELLED}
