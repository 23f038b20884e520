"""`/api/me`: what the caller has done."""

from app.models.wire.base import Answer
from app.models.wire.views import History
from app.routers.copyright_free import Cursor, Limit
from app.routers.dependencies import Caller, Views
from app.routers.documentation import errors
from app.routers.routing import Router

router = Router(prefix="/api/me", tags=["Own data"])


@router.get("/views", summary="List own views", responses=errors(400, 401))
async def own_views(caller: Caller, views: Views, limit: Limit = 20, cursor: Cursor = None) -> Answer[History]:
    """The songs that the caller has listened to, the latest first."""
    return Answer(data=History.of(await views.history(caller.user_id, cursor, limit)))
