"""A real HTTP server that hears webhooks, and answers as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from app.models.licensing.webhooks import SignedBody
from app.services.licensing.webhooks.signatures import require_signed


@dataclass(frozen=True)
class Heard:
    """One request, as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def delivery(self) -> str:
        return self.headers["x-playledger-delivery"]

    def require_signed(self, secret: str, now: datetime) -> None:
        signature, timestamp = self.headers["x-playledger-signature"], self.headers["x-playledger-timestamp"]
        require_signed(secret, SignedBody(self.body, signature, timestamp), now)


def answer(status: int, body: bytes = b"ok", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


HANGS = b""
"""An answer that never comes."""


@dataclass
class Receiver:
    """Answers by path, each time the next of its answers, and the last one for ever."""

    answers: dict[str, list[bytes]] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    port: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    sent_bytes: int = 0
    open: set[asyncio.StreamWriter] = field(default_factory=set)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open.add(writer)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open.discard(writer)
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        one = Heard(head[0].split(" ")[1], headers, body)
        self.heard.append(one)
        self.came.set()
        reply = self._next(one.path)
        if reply == HANGS:
            await reader.read()
            return False
        for start in range(0, len(reply), 65_536):
            writer.write(reply[start : start + 65_536])
            await writer.drain()
            self.sent_bytes += len(reply[start : start + 65_536])
        return True

    def _next(self, path: str) -> bytes:
        answers = self.answers.get(path, [answer(200)])
        return answers.pop(0) if len(answers) > 1 else answers[0]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for writer in receiver.open:
            writer.close()
        await server.wait_closed()
