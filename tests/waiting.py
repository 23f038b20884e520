"""Waiting for what happens elsewhere: in another task, thread or process."""

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from time import monotonic


async def eventually(holds: Callable[[], bool | Awaitable[bool]], seconds: float = 60) -> None:
    """Come back when it holds; fail when it does not within `seconds`."""
    deadline = monotonic() + seconds
    while not await _answer(holds()):
        assert monotonic() < deadline
        await asyncio.sleep(0.01)


async def _answer(given: bool | Awaitable[bool]) -> bool:
    return await given if isawaitable(given) else given
