"""`/api/me/data`: a copy of everything that is stored about the caller, and its erasure."""

from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

from app.models.wire.base import Answer
from app.models.wire.privacy import DataCopy, Erased, written_copy
from app.routers.dependencies import Caller, House, Privacy
from app.routers.documentation import errors, example
from app.routers.routing import Router

router = Router(prefix="/api/me", tags=["Own data"])

_HEADERS = {"Content-Disposition": 'attachment; filename="playledger-data.json"', "Cache-Control": "no-store"}
_RECEIPT = {
    "receiptId": "5f0c3d0c7f5b4b6e9b0a2f6f6f1f7c11",
    "erasedAt": "2026-11-21T10:00:00.000Z",
    "erased": {"views": 12, "likes": 3, "bookmarks": 0, "playEvents": 480, "likeEvents": 2},
}


@router.get(
    "/data",
    summary="Get a copy of own data",
    response_class=StreamingResponse,
    responses=errors(401) | {200: {"model": Answer[DataCopy], "description": "A file, sent while it is read."}},
)
async def own_data(caller: Caller, house: House, privacy: Privacy) -> StreamingResponse:
    """Everything that is stored about the caller: a list for each kind of data, each row as it is stored.

    The answer is written while it is read, so it may be long. If it breaks off, it is no JSON: ask again.
    """
    chunks = written_copy(caller.user_id, house.clock.now(), privacy.export(caller.user_id))
    first = await anext(chunks)
    return StreamingResponse(_enveloped(first, chunks), media_type="application/json", headers=_HEADERS)


@router.delete("/data", summary="Erase own data", responses=errors(401) | example(_RECEIPT))
async def erase_own_data(caller: Caller, privacy: Privacy) -> Answer[Erased]:
    """Erase what is stored about the caller; counters and statistics follow. Doing it twice changes nothing.

    The answer is a receipt that names nobody. Playlists and submissions go too; an artist's profile, to which tracks
    are credited, stays with its name but belongs to nobody. A token that is still valid can be used to listen again.
    """
    return Answer(data=Erased.of(await privacy.erase(caller.user_id)))


async def _enveloped(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield b'{"success":true,"data":' + first
    async for chunk in rest:
        yield chunk
    yield b"}"
