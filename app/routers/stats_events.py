"""`/api/stats/events`: what players report."""

from typing import Annotated

from fastapi import Depends, Response

from app.models.wire.stats_events import ANSWER_EXAMPLE, EventsAnswer, events_schema, write_answer
from app.routers.bodies import JsonValue
from app.routers.dependencies import House
from app.routers.documentation import TOKEN_IS_OPTIONAL, errors
from app.routers.routing import Router
from app.routers.senders import StatsSender
from app.services.stats.event_batches import read_events

router = Router(prefix="/api/stats", tags=["Statistics"])

_events = JsonValue(events_schema())


@router.post(
    "/events",
    summary="Report events",
    response_model=EventsAnswer,
    responses=errors(400, 401, 413, 429) | {200: {"content": {"application/json": {"example": ANSWER_EXAMPLE}}}},
    openapi_extra=_events.documentation | TOKEN_IS_OPTIONAL,
)
async def report_events(sender: StatsSender, raw: Annotated[object, Depends(_events)], house: House) -> Response:
    """Count 1 to 1,000 events: plays, likes, saves, shares and downloads, each exactly once.

    The body is an array of events or `{"events": [...]}`, sent as `application/json`, or as `text/plain`, which is
    what `navigator.sendBeacon` sends. A bad event never costs a good one: `results` lists every event that was not
    plainly accepted, with the reason. After a 5xx nothing is lost; send the same batch again, and it counts once.
    """
    arrived_at = house.clock.now()
    # A full batch keeps the loop for 7 ms: 1 to parse, 4.5 to read, 1.1 to tell bots. A thread would not help, as it
    # needs the same lock.
    events, refused = read_events(raw, arrived_at, sender.user_id)
    ingested = await house.stats.ingest.ingest(events, refused, sender, arrived_at)
    return Response(write_answer(ingested), media_type="application/json")
