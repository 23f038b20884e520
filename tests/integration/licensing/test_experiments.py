"""Experiments over the real database: everybody is assigned once, and counts once."""

import asyncio
from datetime import timedelta

import pytest

from app.errors import Conflict, Invalid, NotFound
from app.models.licensing.experiments import Experiment, ExperimentDraft, Variant
from app.models.licensing.favorites import TrackRef
from app.models.licensing.providers import ProviderName
from app.repositories.experiment_assignments import ExperimentAssignmentRepository
from app.repositories.experiments import ExperimentRepository
from app.repositories.mongo import Mongo
from app.services.licensing.experiments.service import ExperimentService, variant_of
from tests.licensing.webhook_house import MovingClock

DAY = timedelta(days=1)
CALM, WILD, BOTH = (TrackRef(ProviderName.JAMENDO, name) for name in ("calm", "wild/1", "both"))


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def service(mongo: Mongo, clock: MovingClock) -> ExperimentService:
    return service_of(mongo, clock)


def service_of(mongo: Mongo, clock: MovingClock) -> ExperimentService:
    return ExperimentService(ExperimentRepository(mongo), ExperimentAssignmentRepository(mongo), clock)


async def add(service: ExperimentService, **changes: object) -> Experiment:
    variants = (Variant("calm", 1, (CALM, BOTH)), Variant("wild", 1, (WILD, BOTH)))
    fields = {"name": "Calm or wild", "variants": variants, "starts_at": None, "ends_at": None} | changes
    return await service.add(ExperimentDraft(**fields), "admin-1")


def user_of(experiment: Experiment, variant: str) -> str:
    return next(user for user in map(str, range(100)) if variant_of(experiment, user).name == variant)


async def shown(service: ExperimentService, experiment: Experiment) -> dict[str, tuple[int, int]]:
    results = await service.results(experiment.id)
    return {one.variant.name: (one.count.exposures, one.count.conversions) for one in results.variants}


async def test_it_must_end_after_it_begins(service: ExperimentService, clock: MovingClock) -> None:
    for changes in ({"ends_at": clock.now()}, {"starts_at": clock.now() + DAY, "ends_at": clock.now() + DAY}):
        with pytest.raises(Invalid):
            await add(service, **changes)


async def test_an_assignment_stays(service: ExperimentService, clock: MovingClock) -> None:
    experiment = await add(service)
    variant, assigned = await service.assignment(experiment.id, "ada")
    assert variant == variant_of(experiment, "ada")
    clock.forward(DAY)
    assert await service.assignment(experiment.id, "ada") == (variant, assigned)


async def test_many_at_once_are_one_exposure(mongo: Mongo, service: ExperimentService, clock: MovingClock) -> None:
    experiment = await add(service)
    services = [service_of(mongo, clock) for _ in range(4)]
    answers = await asyncio.gather(
        *(services[number % 4].assignment(experiment.id, f"user-{number // 8}") for number in range(80))
    )
    assert len({assignment for _variant, assignment in answers}) == 10
    assert sum(exposures for exposures, _ in (await shown(service, experiment)).values()) == 10


async def test_nobody_is_assigned_outside_of_its_time(service: ExperimentService, clock: MovingClock) -> None:
    experiment = await add(service, starts_at=clock.now() + DAY, ends_at=clock.now() + 2 * DAY)
    with pytest.raises(Conflict, match="has not begun"):
        await service.assignment(experiment.id, "ada")
    clock.forward(DAY)
    await service.assignment(experiment.id, "ada")
    clock.forward(DAY)
    with pytest.raises(Conflict, match="is over"):
        await service.assignment(experiment.id, "eve")
    await service.assignment(experiment.id, "ada")
    with pytest.raises(Conflict, match="is over"):
        await service.record_outcome(experiment.id, "ada", BOTH)
    assert await service.used("ada", BOTH, clock.now()) == 0


async def test_an_outcome_counts_once(service: ExperimentService) -> None:
    experiment = await add(service)
    calm, wild = user_of(experiment, "calm"), user_of(experiment, "wild")
    with pytest.raises(Conflict, match="not been shown"):
        await service.record_outcome(experiment.id, calm, CALM)
    for user in (calm, wild):
        await service.assignment(experiment.id, user)
    with pytest.raises(Invalid):
        await service.record_outcome(experiment.id, calm, WILD)
    counted = await asyncio.gather(*(service.record_outcome(experiment.id, calm, CALM) for _ in range(8)))
    assert sorted(counted) == [False] * 7 + [True]
    assert not await service.record_outcome(experiment.id, calm, BOTH)
    assert await shown(service, experiment) == {"calm": (1, 1), "wild": (1, 0)}


async def test_a_use_counts_where_the_user_was_shown_it(service: ExperimentService, clock: MovingClock) -> None:
    first, second, unseen = [await add(service) for _ in range(3)]
    user = user_of(first, "wild")
    await service.assignment(first.id, user)
    in_second, _ = await service.assignment(second.id, user)
    assert await service.used(user, CALM, clock.now()) == (in_second.name == "calm")
    assert await service.used(user, BOTH, clock.now()) == 1 + (in_second.name == "wild")
    assert await service.used(user, BOTH, clock.now()) == 0
    assert (await shown(service, first))["wild"] == (1, 1)
    assert await shown(service, unseen) == {"calm": (0, 0), "wild": (0, 0)}


async def test_unknown_experiments(service: ExperimentService) -> None:
    for asked in (service.assignment("x", "ada"), service.record_outcome("x", "ada", CALM), service.results("x")):
        with pytest.raises(NotFound):
            await asked


async def test_pages(service: ExperimentService, clock: MovingClock) -> None:
    made = []
    for _ in range(3):
        made.append(await add(service))
        clock.forward(timedelta(seconds=1))
    first = await service.page(None, 2)
    second = await service.page(first.next_cursor, 2)
    assert (*first.items, *second.items) == tuple(reversed(made))
    assert second.next_cursor is None
