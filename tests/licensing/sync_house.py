"""Syncing over the database of the tests, with providers in memory."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.errors import Unavailable
from app.models.licensing.providers import ProviderName, ProviderSetup
from app.models.licensing.sync import SyncJob, SyncOptions, SyncStatus
from app.models.licensing.tracks import CataloguePage, FailedTrack, ProviderTrack
from app.repositories.leases import LeaseRepository
from app.repositories.licensed_tracks import LicensedTrackRepository
from app.repositories.mongo import Mongo
from app.repositories.sync_jobs import SyncJobRepository
from app.repositories.sync_pages import SyncPageRepository
from app.services.licensing.sync.announcements import SyncAnnouncements
from app.services.licensing.sync.service import SyncService
from app.services.licensing.sync.steps import SyncSteps
from app.services.licensing.sync.worker import SyncWorker
from tests.licensing.fake_provider import FakeProvider, policy, setup, track

# Far ahead: MongoDB removes jobs by its own clock, ninety days after their end.
NOW = datetime(2036, 6, 10, 2, tzinfo=UTC)
DAY = timedelta(days=1)
SOUNDSTRIPE, ARTLIST, ARCHIVE = ProviderName.SOUNDSTRIPE, ProviderName.ARTLIST, ProviderName.INTERNET_ARCHIVE


class Clock:
    """Goes on by a millisecond whenever it is asked."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time


class FakeSetups:
    def __init__(self, *setups: ProviderSetup) -> None:
        self.by_name = {one.name: one for one in setups}

    async def get(self, name: ProviderName) -> ProviderSetup:
        return self.by_name[name]

    async def all(self) -> Sequence[ProviderSetup]:
        return [self.by_name[name] for name in ProviderName if name in self.by_name]

    def change(self, name: ProviderName, **changes: Any) -> None:
        self.by_name[name] = replace(self.by_name[name], **changes)


class Heard:
    """Subscribers, who may be out of reach; what they were told, by key."""

    def __init__(self) -> None:
        self.events: dict[tuple[str, str | None], Mapping[str, Any]] = {}
        self.is_away = False

    async def publish(self, kind: str, payload: Mapping[str, Any], key: str | None = None) -> None:
        if self.is_away:
            raise Unavailable("The database is away, please try again")
        self.events[kind, key] = payload


@dataclass
class Catalogue(FakeProvider):
    """A provider whose calls a test may hold, fail, or have answered with tracks that cannot be read.

    `errors` are raised by the next calls, one each; `broken` tracks fail whenever they are asked for alone; `unread`
    stands on the first page of a walk. `room` gives a call for each time that it is released, and `begun` counts those
    that wait for it as well.
    """

    errors: list[Exception] = field(default_factory=list)
    broken: dict[str, Exception] = field(default_factory=dict)
    unread: list[FailedTrack] = field(default_factory=list)
    room: asyncio.Semaphore | None = None
    begun: int = 0

    async def walk(self, setup: ProviderSetup, cursor: str | None, genres: Sequence[str] = ()) -> CataloguePage:
        await self._may_answer()
        page = await super().walk(setup, cursor, genres)
        return page if cursor else replace(page, failed=tuple(self.unread))

    async def track(self, setup: ProviderSetup, track_id: str, *, background: bool = False) -> ProviderTrack:
        await self._may_answer()
        if track_id in self.broken:
            raise self.broken[track_id]
        return await super().track(setup, track_id, background=background)

    async def _may_answer(self) -> None:
        self.begun += 1
        if self.room is not None:
            await self.room.acquire()
        if self.errors:
            raise self.errors.pop(0)


def catalogue(count: int = 0, name: ProviderName = SOUNDSTRIPE, **more: Any) -> Catalogue:
    """A provider with so many tracks."""
    return Catalogue(policy(name), [track(number, name) for number in range(count)], **more)


@dataclass
class House:
    """One process: its services over the shared database."""

    mongo: Mongo
    clock: Clock
    setups: FakeSetups
    jobs: SyncJobRepository
    tracks: LicensedTrackRepository
    pages: SyncPageRepository
    worker: SyncWorker
    syncs: SyncService
    waits: list[tuple[float, str | None]]
    heard: Heard

    async def sync(self, name: ProviderName = SOUNDSTRIPE, **options: Any) -> SyncJob:
        """A whole sync, from order to end."""
        return await self.done((await self.syncs.start(name, SyncOptions(**options))).id)

    async def sync_tracks(self, *track_ids: str) -> SyncJob:
        return await self.done((await self.syncs.start_tracks(SOUNDSTRIPE, track_ids)).id)

    async def done(self, job_id: str) -> SyncJob:
        """The job, once it is over."""
        async with asyncio.timeout(60):
            await self.syncs.idle()
        job = await self.syncs.get(job_id)
        assert job.is_over, job
        return job

    async def stored(self, name: ProviderName = SOUNDSTRIPE) -> dict[str, dict[str, Any]]:
        """The documents of a provider, by the ids of tracks."""
        rows = await self.mongo.db["licensed_tracks"].find({"provider": name.value}).to_list(None)
        assert [row["_id"] for row in rows] == [f"{name.value}:{row['trackId']}" for row in rows]
        return {row["trackId"]: row for row in rows}

    async def evidence(self, track_id: str, name: ProviderName = SOUNDSTRIPE) -> dict[str, Any] | None:
        """The evidence in force."""
        return await self.mongo.db["license_evidence"].find_one({"currentOf": f"{name.value}:{track_id}"})


OPEN: list[House] = []


def house(mongo: Mongo, *providers: FakeProvider, clock: Clock | None = None) -> House:
    """A process that can reach these providers; waiting costs no time, and is written down with what the job says."""
    clock, setups = clock or Clock(), FakeSetups(*(setup(one.policy) for one in providers))
    waits: list[tuple[float, str | None]] = []

    async def pause(seconds: float) -> None:
        [job, *_] = await jobs.unfinished()
        assert job.status is SyncStatus.RUNNING
        waits.append((seconds, job.error))
        clock.time += timedelta(seconds=seconds)

    jobs, tracks, pages = SyncJobRepository(mongo), LicensedTrackRepository(mongo), SyncPageRepository(mongo)
    steps = SyncSteps({one.policy.name: one for one in providers}, setups, tracks, clock)
    worker = SyncWorker(jobs, pages, steps, LeaseRepository(mongo), clock, pause)
    heard = Heard()
    syncs = SyncService(jobs, worker, setups, SyncAnnouncements(jobs, heard), clock)
    built = House(mongo, clock, setups, jobs, tracks, pages, worker, syncs, waits, heard)
    OPEN.append(built)
    return built


async def close_all() -> None:
    """End what works in the background: it would go on in the next test's database."""
    while OPEN:
        await OPEN.pop().syncs.close()


def counts(job: SyncJob) -> dict[str, int]:
    """What came of the tracks, without what is zero."""
    progress = job.progress
    named = {
        "created": progress.created,
        "updated": progress.updated,
        "unchanged": progress.unchanged,
        "failed": progress.failed,
        "vanished": job.vanished,
    }
    assert progress.fetched == sum(named.values()) - job.vanished
    return {name: count for name, count in named.items() if count}
