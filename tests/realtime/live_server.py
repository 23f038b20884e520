"""A real server with its own loop and thread: uvicorn, uvloop, Socket.IO in front of a tiny app."""

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any, Self, TypeVar

import uvicorn
import uvloop

from app.models.songs import SongCounts
from app.realtime import LiveCounts, RealtimeServer, bus_for
from tests.realtime.fakes import FakeClock, FakeSongs, FakeVerifier, song

T = TypeVar("T")


class LiveServer:
    """`songs`, `verifier` and `clock` are fakes and belong to the server's thread: reach them through `do`."""

    def __init__(
        self, *, redis_url: str | None = None, send_buffer: int | None = None, drains: bool = True, **options: Any
    ) -> None:
        self.songs = FakeSongs(song(views=5), song("s2", "hope", views=7))
        self.verifier = FakeVerifier()
        self.clock = FakeClock()
        self.lifespan: list[str] = []
        self._redis_url = redis_url
        self._options = {"sweep_seconds": 0.05, **options}
        self._drains = drains
        self._socket = socket.create_server(("127.0.0.1", 0))
        if send_buffer is not None:  # accepted sockets inherit it
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        self._thread = threading.Thread(target=self._run, name="live-server")
        self._ready = threading.Event()
        self.leftovers: list[str] = []

    @property
    def port(self) -> int:
        return self._socket.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(15)
        assert not self._thread.is_alive()
        assert not self.leftovers

    def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """Await something in the server's loop."""

        async def called() -> T:
            return await call()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result(20)

    def do(self, call: Callable[[], T]) -> T:
        """Do something in the server's loop."""

        async def called() -> T:
            return call()

        return self.run(called)

    def commit(self, song_id: str = "s1", **changes: int) -> SongCounts:
        """Commit a change and publish it, as a service does."""

        def commit() -> SongCounts:
            counts = self.songs.commit(song_id, **changes)
            self.live_counts.publish(counts)
            return counts

        return self.do(commit)

    def cpu_seconds(self) -> float:
        """What the server's thread has used."""
        return self.do(time.thread_time)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(lambda _, context: self.leftovers.append(repr(context)))
        self._stopping = asyncio.Event()
        self.live_counts = LiveCounts(bus_for(self._redis_url, "test"))
        self.realtime = RealtimeServer(
            self.verifier, self.songs, self.live_counts, redis_url=self._redis_url, clock=self.clock, **self._options
        )
        config = uvicorn.Config(
            self.realtime.wrap(self._app), log_config=None, ws="websockets-sansio", ws_per_message_deflate=False
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[self._socket]))
        while not server.started:
            await asyncio.sleep(0.005)
        self._ready.set()
        await self._stopping.wait()
        if self._drains:
            await self.realtime.drain()
        server.should_exit = True
        await serving
        self._note_leftovers()

    def _note_leftovers(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        self.leftovers += [repr(task) for task in tasks]

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    async def _lifespan(self, receive: Any, send: Any) -> None:
        for step in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{step}"
            self.lifespan.append(step)
            if step == "startup":
                await self.realtime.start()
            else:
                await self.realtime.stop()
            await send({"type": f"lifespan.{step}.complete"})
