"""`/health` and `/metrics`: for whoever runs Playledger."""

from typing import Annotated

from fastapi import Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from app.metrics import render
from app.models.wire.health import Alive, Ready
from app.routers.documentation import errors
from app.routers.routing import Router
from app.services.readiness import ReadinessService

router = Router(tags=["Operations"])


async def _readiness(request: Request) -> ReadinessService:
    readiness: ReadinessService = request.app.state.readiness
    return readiness


@router.get("/health/live", summary="Is the process alive?")
async def live() -> Alive:
    """Answers as long as the process does; restart it when this fails."""
    return Alive()


@router.get("/health/ready", summary="Can the process serve?", responses=errors())
async def ready(readiness: Annotated[ReadinessService, Depends(_readiness)]) -> Ready:
    """503 while the database, the migrations or the scheduler are not ready; send no traffic meanwhile."""
    return Ready(checks=dict.fromkeys(await readiness.require(), "ok"))


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics() -> Response:
    """All metrics of all worker processes, in the text format of Prometheus."""
    return Response(render(), media_type=CONTENT_TYPE_LATEST)
