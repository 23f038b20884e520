"""The sandbox as a process of its own, on a free port, and a client for its `/control`.

Addresses of audio in Soundstripe's and Artlist's answers are signed and differ in every answer, as the real ones do.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app.models.licensing.providers import CacheTtl, ProviderName, ProviderPolicy, ProviderSetup
from app.parent import PARENT

ROOT = Path(__file__).parents[2]


@dataclass
class Sandbox:
    """Where each provider is, what opens it, and what it has seen."""

    address: str
    base_urls: dict[ProviderName, str]
    credentials: dict[ProviderName, dict[str, str]]
    pid: int
    http: httpx.AsyncClient = field(repr=False)

    def setup(self, policy: ProviderPolicy, **changes: Any) -> ProviderSetup:
        """This policy's provider, set up to ask the sandbox."""
        given = {
            "enabled": True,
            "base_url": self.base_urls[policy.name],
            "credentials": self.credentials[policy.name],
            "rate_limit": policy.rate_limit,
            "cache_ttl": CacheTtl(),
        }
        return ProviderSetup(policy=policy, **(given | changes))

    async def calls(self, provider: str | None = None, kind: str | None = None) -> list[dict[str, Any]]:
        """`{provider, at, kind, method, path, query: [[name, value]], status, fault}`, oldest first; the last 20,000
        of each provider. `provider` may be `trap`: whoever followed a redirect to loopback."""
        return (await self._get("/calls", provider=provider, kind=kind))["calls"]

    async def count(self, provider: str, kind: str | None = None) -> int:
        """How many calls came; of all kinds but tokens and audio, unless one is named."""
        return int((await self.peaks(provider)).get(kind or "all", {"calls": 0})["calls"])

    async def peaks(self, provider: str, seconds: float | None = None) -> dict[str, dict[str, Any]]:
        """By kind, and `all`: `{second, minute, hour, day, calls, isExact}` are the most calls in any such window;
        `within` is that of `seconds`."""
        return (await self._get("/peaks", provider=provider, seconds=seconds))[provider]

    async def fault(self, provider: str | None, kind: str, **more: Any) -> None:
        """Order a fault, see `FaultKind`; `count=`, `seconds=`, `retryAfter=`, `path=` (a part of the path)."""
        await self._send("POST", "/faults", provider=provider, kind=kind, **more)

    async def heal(self, provider: str | None = None) -> None:
        """No more faults."""
        await self._sent("DELETE", "/faults", params={"provider": provider} if provider else {})

    async def limit(self, provider: str | None, *limits: dict[str, Any], published: bool = False) -> None:
        """Set the limits to these `{name, limit, seconds, kind?}`; none at all when there are none."""
        await self._send("PUT", "/limits", provider=provider, limits=None if published else list(limits))

    async def delay(self, provider: str | None, ms: float) -> None:
        """Every answer takes at least so long."""
        await self._send("PUT", "/latency", provider=provider, ms=ms)

    async def lifetimes(self, **seconds: float) -> None:
        """`addresses=` and `tokens=`: how long those that are made from now on are good for."""
        await self._send("PUT", "/lifetimes", **seconds)

    async def expire_credentials(self, provider: str | None = None, *, expired: bool = True) -> None:
        """Refuse them from now on, or accept them again."""
        await self._send("POST", "/credentials", provider=provider, expired=expired)

    async def tracks(self, provider: str, *, usable: bool = False) -> list[dict[str, Any]]:
        """All tracks as the sandbox keeps them: `{id, usable, title, artist, licence, bpm, duration, ...}`."""
        return (await self._get(f"/tracks/{provider}", usable="true" if usable else None))["tracks"]

    async def change(self, provider: str, track_id: str, **fields: Any) -> dict[str, Any]:
        """Set fields of a track, named as `tracks` shows them."""
        return (await self._send("PUT", f"/tracks/{provider}/{track_id}", **fields)).json()

    async def vanish(self, provider: str, track_id: str) -> None:
        """Take a track away."""
        await self._sent("DELETE", f"/tracks/{provider}/{track_id}")

    async def grow(self, provider: str, count: int) -> list[dict[str, Any]]:
        """Add new tracks at the end."""
        return (await self._send("POST", f"/tracks/{provider}", count=count)).json()["tracks"]

    async def reset(self, *, catalogue: bool = True) -> None:
        """As at the start: no calls, faults, limits or latencies of ours, and all tracks as they were."""
        await self._send("POST", "/reset", catalogue=catalogue)

    async def _get(self, path: str, /, **params: Any) -> Any:
        given = {name: value for name, value in params.items() if value is not None}
        return (await self._sent("GET", path, params=given)).json()

    async def _send(self, method: str, path: str, /, **body: Any) -> httpx.Response:
        return await self._sent(method, path, json=body)

    async def _sent(self, method: str, path: str, **more: Any) -> httpx.Response:
        response = await self.http.request(method, f"/control{path}", **more)
        assert response.is_success, response.text
        return response


@asynccontextmanager
async def sandbox_process(tracks: int = 2_000, seed: int = 1, latency_ms: float = 0) -> AsyncIterator[Sandbox]:
    """Start a sandbox, and end it."""
    options = ["--tracks", str(tracks), "--seed", str(seed), "--latency-ms", str(latency_ms)]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), PARENT: str(os.getpid())}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.sandbox", *options, env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        said = json.loads(await asyncio.wait_for(process.stdout.readline(), 90))
        # Each question on a connection of its own: the sandbox closes those that are idle for five seconds, and a test
        # that is held up for as long would ask on a closed one.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=said["address"], trust_env=False, timeout=60, limits=limits) as http:
            yield Sandbox(
                said["address"],
                {ProviderName(name): one["baseUrl"] for name, one in said["providers"].items()},
                {ProviderName(name): one["credentials"] for name, one in said["providers"].items()},
                process.pid,
                http,
            )
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
