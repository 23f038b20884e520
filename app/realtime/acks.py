"""What Socket.IO makes of an error: the acknowledgement of a call that failed, the refusal of a connection."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, TypedDict

import structlog
from socketio.exceptions import ConnectionRefusedError as Refusal

from app.errors import DomainError, ErrorCode

log = structlog.get_logger(__name__)


class Failed(TypedDict):
    """The answer to a call that failed."""

    ok: Literal[False]
    error: str
    code: str


UNEXPECTED = "Something went wrong"
UNKNOWN_EVENT: Failed = {"ok": False, "error": "Unknown event", "code": ErrorCode.NOT_FOUND.value}


def failed(error: Exception) -> Failed:
    """The one table: a domain error speaks for itself, anything else is ours and is told to nobody but the log."""
    if isinstance(error, DomainError):
        return {"ok": False, "error": error.message, "code": error.code.value}
    log.error("realtime call failed", exc_info=error)
    return {"ok": False, "error": UNEXPECTED, "code": ErrorCode.SERVER_ERROR.value}


def refusal(error: Exception) -> Refusal:
    """Why a connection is refused: `connect_error` has the sentence as message and the code in `data.code`."""
    answer = failed(error)
    return Refusal(answer["error"], {"code": answer["code"]})


async def answered(call: Callable[[], Awaitable[Mapping[str, object]]]) -> Mapping[str, object]:
    """The acknowledgement of a call, whatever becomes of it."""
    try:
        return await call()
    except Exception as error:  # noqa: BLE001 - the edge: a client gets an answer, never a silence
        return failed(error)
