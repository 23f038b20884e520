"""A provider as it should not be: a server on a real port that sends whatever a test tells it to, byte by byte."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Asked:
    method: str
    target: str
    headers: dict[str, str]


@dataclass
class HostileServer:
    """Gives its answers in turn, the last one again and again."""

    address: str
    answers: list[Answer] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                self.asked.append(_asked(head))
                length = int(self.asked[-1].headers.get("content-length", "0"))
                await reader.readexactly(length)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                await answer(writer)
                await writer.drain()
                if writer.is_closing():
                    return
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def _asked(head: bytes) -> Asked:
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Asked(method, target, headers)


@asynccontextmanager
async def hostile_server(*answers: Answer) -> AsyncIterator[HostileServer]:
    made = HostileServer("", list(answers))
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        listening.close()
        await asyncio.sleep(0)


def says(status: int = 200, body: bytes = b'{"ok": true}', **headers: str) -> Answer:
    """A whole answer."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


def endless(chunk: bytes = b"x" * 65_536, chunks: int = 160, pause: float = 0.0, **headers: str) -> Answer:
    """Chunk after chunk, without saying how many."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        lines = [
            "HTTP/1.1 200 OK",
            "Transfer-Encoding: chunked",
            *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()),
        ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        for _ in range(chunks):
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
            await asyncio.sleep(pause)
        writer.write(b"0\r\n\r\n")

    return answer


def cut_off(after: bytes = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half": ') -> Answer:
    """A part of an answer, and then nothing more."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(after)
        await writer.drain()
        writer.close()

    return answer


def silent(seconds: float) -> Answer:
    """Nothing for a while, then a good answer."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        await says()(writer)

    return answer


def bomb(megabytes: int = 64) -> bytes:
    """A few kilobytes that unfold into very many."""
    return gzip.compress(b"\0" * (megabytes * 1024 * 1024), 9)
