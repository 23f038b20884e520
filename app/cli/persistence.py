"""Calls that are made again: whoever loads a demo waits longer for a slow database than anybody waits for an answer."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.errors import Unavailable

_ATTEMPTS = 30

T = TypeVar("T")


async def persistently(call: Callable[[], Awaitable[T]]) -> T:
    """What the call gives, made up to thirty times; it must be safe to repeat, also when it went through unnoticed.

    Raises:
        Unavailable: so did every attempt.
    """
    for _ in range(_ATTEMPTS - 1):
        try:
            return await call()
        except Unavailable as refusal:
            await asyncio.sleep(refusal.retry_after.total_seconds())
    return await call()
