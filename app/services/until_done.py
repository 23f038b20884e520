"""Makes a transaction again that came to nothing because another one was quicker."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.errors import FailureReason, TransientFailure, Unavailable
from app.services.group_commit import Backoff

T = TypeVar("T")

_ATTEMPTS = 40


async def until_done(write: Callable[[bool], Awaitable[T]], backoff: Backoff | None = None) -> T:
    """What `write` gives once it goes through; it must be safe to repeat, also when it has gone through unnoticed.

    It is told whether an attempt with an unknown outcome has gone before.

    Raises:
        Unavailable: the database is away, or the rows are written by others all the time.
    """
    pauses = backoff or Backoff()
    is_in_doubt = False
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return await write(is_in_doubt)
        except TransientFailure as failure:
            if failure.reason is FailureReason.AWAY:
                raise Unavailable("The database is away, please try again") from failure
            is_in_doubt = is_in_doubt or failure.reason is FailureReason.UNKNOWN
            await asyncio.sleep(pauses.pause(attempt, failure.reason))
    raise Unavailable("Too many write the same at once, please try again")
