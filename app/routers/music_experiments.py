"""`/api/music-licensing/experiments`: which of several selections of tracks is used more."""

from typing import Annotated

from fastapi import Depends, Path

from app.models.wire.music_experiments import (
    AssignmentShown,
    ExperimentList,
    ExperimentResultsShown,
    ExperimentShown,
    NewExperiment,
    OutcomeBody,
    OutcomeTaken,
)
from app.routers.bodies import JsonBody
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import AdminCaller, Caller
from app.routers.documentation import errors
from app.routers.licensing_dependencies import Experiments
from app.routers.routing import Router

router = Router(tags=["Music licensing"])

_FOR_USERS = "/api/music-licensing/experiments"
_FOR_ADMINS = "/api/admin/music-licensing/experiments"

ExperimentId = Annotated[str, Path(alias="experimentId", description="The experiment's id.")]

_new_experiment = JsonBody(NewExperiment)
_outcome = JsonBody(OutcomeBody)


@router.post(
    _FOR_ADMINS,
    status_code=201,
    summary="Add an experiment",
    responses=errors(400, 401, 403, 413),
    openapi_extra=_new_experiment.documentation,
)
async def add_experiment(
    admin: AdminCaller,
    experiment: Annotated[NewExperiment, Depends(_new_experiment)],
    experiments: Experiments,
) -> ExperimentShown:
    """Compare selections of tracks; the first is what the others are compared with.

    It begins at `startsAt`, or at once, and goes on until `endsAt`, if there is one. It cannot be changed: what was
    counted would then mean something else.
    """
    return ExperimentShown.of(await experiments.add(experiment.to_draft(), admin.user_id))


@router.get(_FOR_ADMINS, summary="List experiments", responses=errors(400, 401, 403))
async def list_experiments(
    _admin: AdminCaller, experiments: Experiments, limit: Limit = 20, cursor: Cursor = None
) -> ExperimentList:
    """Experiments in pages, the newest first."""
    return ExperimentList.of(await experiments.page(cursor, limit))


@router.get(
    f"{_FOR_ADMINS}/{{experimentId}}/results", summary="Show an experiment's results", responses=errors(401, 403, 404)
)
async def show_results(
    experiment_id: ExperimentId, _admin: AdminCaller, experiments: Experiments
) -> ExperimentResultsShown:
    """How many users saw each variant and used a track of it, and what can be concluded from that.

    The tests hold for one look at the end; who looks every day, and stops at the first difference, finds some that
    are not there.
    """
    return ExperimentResultsShown.of(await experiments.results(experiment_id))


@router.get(
    f"{_FOR_USERS}/{{experimentId}}/assignment", summary="Show the caller's variant", responses=errors(401, 404, 409)
)
async def show_assignment(experiment_id: ExperimentId, caller: Caller, experiments: Experiments) -> AssignmentShown:
    """The variant that the caller sees, the same one every time; the first call counts as having seen it.

    409 before the experiment begins and, for who was not part of it, when it is over.
    """
    return AssignmentShown.of(*await experiments.assignment(experiment_id, caller.user_id))


@router.post(
    f"{_FOR_USERS}/{{experimentId}}/outcomes",
    summary="Report that a track was used",
    responses=errors(400, 401, 404, 409, 413),
    openapi_extra=_outcome.documentation,
)
async def report_outcome(
    experiment_id: ExperimentId,
    caller: Caller,
    outcome: Annotated[OutcomeBody, Depends(_outcome)],
    experiments: Experiments,
) -> OutcomeTaken:
    """Report that the caller has used a track of their variant; the first such report counts, and so does a usage.

    409 for who was not shown any variant, and while the experiment does not run.
    """
    counted = await experiments.record_outcome(experiment_id, caller.user_id, outcome.track_ref.to_ref())
    return OutcomeTaken(counted=counted)
