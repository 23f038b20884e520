"""The providers that are asked: two of the sandbox, whose limits an admin can lift."""

import asyncio
import json
from collections.abc import Mapping
from urllib.request import Request, urlopen

from app.clock import SystemClock
from app.demo.providers import DemoSandbox
from app.models.licensing.provider_setups import ProviderChange
from app.models.licensing.providers import ProviderName
from benchmarks.rolling_up import opened
from benchmarks.stage import Ground

ASKED = (ProviderName.HOOKSOUNDS, ProviderName.OPENVERSE)
_BY = "benchmark"
# Never reached; but there is a limit, so that every call is reserved as it is in earnest.
_MANY = {"perMinute": 1_000_000, "perHour": None, "perDay": None}


class Upstream:
    """The sandbox as the benchmark turns it."""

    def __init__(self, sandbox: DemoSandbox) -> None:
        self._sandbox = sandbox

    async def set_up(self, ground: Ground) -> None:
        """Migrate the database, and let searches ask these providers and no other."""
        async with opened(ground.settings(), ground.mongodb_uri, SystemClock()) as house:
            await house.migrations.up()
            for name, offered in self._sandbox.providers.items():
                change = ProviderChange(enabled=False)
                if name in ASKED:
                    change = ProviderChange(True, offered.base_url, dict(offered.credentials), _MANY)
                await house.licensing.setups.change(name, change, _BY)
        await self._send("PUT", "/limits", {"limits": []})

    async def take(self, milliseconds: float) -> None:
        """From now on every answer takes at least so long."""
        await self._send("PUT", "/latency", {"ms": milliseconds})

    async def calls(self) -> int:
        """How many searches the providers have seen."""
        peaks = json.loads(await self._send("GET", "/peaks"))
        return sum(int(peaks[name.value].get("search", {"calls": 0})["calls"]) for name in ASKED)

    async def _send(self, method: str, path: str, body: Mapping[str, object] | None = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        return await asyncio.to_thread(_answer, Request(f"{self._sandbox.address}/control{path}", data, method=method))


def _answer(request: Request) -> bytes:
    with urlopen(request, timeout=10) as answer:
        read: bytes = answer.read()
        return read
