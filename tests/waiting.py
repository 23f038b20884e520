"""Waiting for what happens elsewhere: in another task, thread or process."""

import asyncio
from collections.abc import Callable
from time import monotonic


async def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Come back when it holds; fail when it does not within `seconds`."""
    deadline = monotonic() + seconds
    while not holds():
        assert monotonic() < deadline
        await asyncio.sleep(0.01)
