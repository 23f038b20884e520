"""Experiments with selections of tracks: who sees which, who uses what they see, and what that says."""

from collections.abc import Collection as Container
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from app.clock import Clock
from app.errors import Conflict, FieldError, Invalid
from app.models.licensing.experiments import (
    Assignment,
    Experiment,
    ExperimentDraft,
    ExperimentResults,
    Variant,
    VariantCount,
)
from app.models.licensing.favorites import TrackRef
from app.models.pages import Page
from app.services.licensing.experiments.conclusions import conclude


class Experiments(Protocol):
    """Where experiments are kept."""

    async def add(self, draft: ExperimentDraft, user_id: str, at: datetime) -> Experiment:
        """Add one."""
        ...

    async def get(self, experiment_id: str) -> Experiment:
        """The one of this id, or `NotFound`."""
        ...

    async def page(self, cursor: str | None, limit: int) -> Page[Experiment]:
        """All, the newest first."""
        ...

    async def running_with(self, track: TrackRef, at: datetime) -> list[Experiment]:
        """Those that run and have the track."""
        ...


class Assignments(Protocol):
    """Where assignments are kept, one for a user and an experiment."""

    async def find(self, experiment_id: str, user_id: str) -> Assignment | None:
        """A user's assignment, if there is one."""
        ...

    async def assign(self, experiment_id: str, user_id: str, variant: str, at: datetime) -> Assignment:
        """Assign, unless the user is assigned."""
        ...

    async def convert(self, experiment_id: str, user_id: str, variants: Container[str], at: datetime) -> bool:
        """Note a conversion, unless there is one."""
        ...

    async def counts(self, experiment_id: str) -> Mapping[str, VariantCount]:
        """Users and conversions by variant."""
        ...


class ExperimentService:
    """Runs experiments. Every count is made of rows, one for a user, so nothing counts twice."""

    def __init__(self, experiments: Experiments, assignments: Assignments, clock: Clock) -> None:
        self._experiments = experiments
        self._assignments = assignments
        self._clock = clock

    async def add(self, draft: ExperimentDraft, user_id: str) -> Experiment:
        """Add an experiment; it can not be changed, because what was counted would then mean something else.

        Raises:
            Invalid: it would end before it begins.
            Unavailable: the database is away.
        """
        now = self._clock.now()
        if draft.ends_at is not None and draft.ends_at <= (draft.starts_at or now):
            raise Invalid("The request is not valid", [FieldError("endsAt", "must be after the start")])
        return await self._experiments.add(draft, user_id, now)

    async def page(self, cursor: str | None, limit: int) -> Page[Experiment]:
        """Experiments, the newest first.

        Raises:
            Invalid: the cursor is none of ours.
            Unavailable: the database is away.
        """
        return await self._experiments.page(cursor, limit)

    async def assignment(self, experiment_id: str, user_id: str) -> tuple[Variant, Assignment]:
        """The variant of a user: the same one for ever, from whichever process; noted when it is first asked for.

        Raises:
            NotFound: there is no such experiment.
            Conflict: it has not begun, or it is over and the user was not part of it.
            Unavailable: the database is away.
        """
        experiment = await self._experiments.get(experiment_id)
        assigned = await self._assignments.find(experiment.id, user_id)
        if assigned is None:
            now = self._clock.now()
            _require_running(experiment, now)
            variant = variant_of(experiment, user_id)
            assigned = await self._assignments.assign(experiment.id, user_id, variant.name, now)
        return experiment.variant(assigned.variant), assigned

    async def record_outcome(self, experiment_id: str, user_id: str, track: TrackRef) -> bool:
        """Note that a user has used a track of the variant they were shown; false when that was noted before.

        Raises:
            NotFound: there is no such experiment.
            Conflict: it does not run now, or the user was not shown any variant of it.
            Invalid: the track is not part of the user's variant.
            Unavailable: the database is away.
        """
        experiment = await self._experiments.get(experiment_id)
        now = self._clock.now()
        _require_running(experiment, now)
        assigned = await self._assignments.find(experiment.id, user_id)
        if assigned is None:
            raise Conflict("You have not been shown any variant of this experiment")
        if not experiment.variant(assigned.variant).has(track):
            fault = FieldError("trackRef", "is not a track of the variant that you were shown")
            raise Invalid("The request is not valid", [fault])
        return await self._assignments.convert(experiment.id, user_id, [assigned.variant], now)

    async def used(self, user_id: str, track: TrackRef, at: datetime) -> int:
        """Count a use of a track in all experiments in which the user was shown it; in how many it was the first.

        Safe to repeat.

        Raises:
            Unavailable: the database is away.
        """
        first = 0
        for experiment in await self._experiments.running_with(track, at):
            having = [variant.name for variant in experiment.variants if variant.has(track)]
            first += await self._assignments.convert(experiment.id, user_id, having, at)
        return first

    async def results(self, experiment_id: str) -> ExperimentResults:
        """What is known by now.

        Raises:
            NotFound: there is no such experiment.
            Unavailable: the database is away.
        """
        experiment = await self._experiments.get(experiment_id)
        return conclude(experiment, await self._assignments.counts(experiment.id))


def variant_of(experiment: Experiment, user_id: str) -> Variant:
    """The variant that a hash of the experiment and the user falls upon, by the weights.

    The experiment is part of the hash, so that who shares a variant in one is spread anew in the next.
    """
    digest = sha256(f"{experiment.id}\0{user_id}".encode()).digest()
    place = int.from_bytes(digest[:8]) * sum(variant.weight for variant in experiment.variants) >> 64
    for variant in experiment.variants:
        place -= variant.weight
        if place < 0:
            return variant
    raise AssertionError("The place is less than the sum of all weights")


def _require_running(experiment: Experiment, now: datetime) -> None:
    if not experiment.has_begun(now):
        raise Conflict("The experiment has not begun")
    if experiment.is_over(now):
        raise Conflict("The experiment is over")
