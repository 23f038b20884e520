"""Whether this process can serve: what it needs, asked one by one."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from app.errors import Unavailable

log = structlog.get_logger(__name__)

Check = Callable[[], Awaitable[bool]]


class ReadinessService:
    """Named checks; each answers whether its part is ready."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    async def require(self) -> tuple[str, ...]:
        """The names of all checks, when every one is ready.

        Raises:
            Unavailable: names those that are not.
        """
        # All at once: each may wait for a database that is away, and the answer is wanted before the prober gives up.
        passed = await asyncio.gather(*(self._passes(name, check) for name, check in self._checks.items()))
        missing = [name for name, is_ready in zip(self._checks, passed, strict=True) if not is_ready]
        if missing:
            raise Unavailable(f"Not ready: {', '.join(missing)}")
        return tuple(self._checks)

    async def _passes(self, name: str, check: Check) -> bool:
        try:
            return await check()
        except Exception as error:  # noqa: BLE001 - whatever keeps a check from passing, the answer is no
            log.warning("not_ready", check=name, error=type(error).__name__)
            return False
