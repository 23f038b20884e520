"""The Socket.IO server of the application: who may connect, and what a client may ask."""

# The library is not typed.
# mypy: allow-untyped-calls
import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from socketio import AsyncRedisManager

from app.clock import Clock
from app.errors import Unauthorized
from app.metrics import SOCKETS, SOCKETS_CUT_OFF
from app.models.identity import Identity
from app.realtime.acks import UNKNOWN_EVENT, answered, refusal
from app.realtime.connection import Connection
from app.realtime.engine import BoundedServer
from app.realtime.gate import App, Gate
from app.realtime.guards import ConnectionGuards
from app.realtime.live_counts import LiveCounts
from app.realtime.ports import SongCountsReader, TokenVerifier
from app.realtime.protocol import SUBSCRIBE, UNSUBSCRIBE, read_reference
from app.realtime.redis_link import CONNECT_TIMEOUT_SECONDS
from app.realtime.rooms import RoomKind
from app.realtime.song_rooms import SongRooms
from app.realtime.stalls import STALL_SECONDS, StalledSends

log = structlog.get_logger(__name__)

NAMESPACE = "/"
SWEEP_SECONDS = 1.0
LAST_WORDS_SECONDS = 1.0
GOODBYE_SECONDS = 3.0

Answer = Mapping[str, object]


class RealtimeServer:
    """Socket.IO at `/socket.io`, in front of another ASGI app.

    `websocket_only` is for several processes behind one port: a client that polls would need to reach the same
    process every time. `others` are kinds of rooms besides those of songs.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        reader: SongCountsReader,
        live_counts: LiveCounts,
        *,
        others: Sequence[RoomKind] = (),
        cors_origins: tuple[str, ...] = (),
        redis_url: str | None = None,
        name: str = "playledger",
        clock: Clock,
        websocket_only: bool = False,
        sweep_seconds: float = SWEEP_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._verifier = verifier
        self._kinds: dict[str, RoomKind] = {kind.field: kind for kind in (SongRooms(reader, live_counts), *others)}
        self._clock = clock
        self._sweep_seconds = sweep_seconds
        self._connections: dict[str, Connection] = {}
        self._redis_manager = None if redis_url is None else _redis_manager(redis_url, name)
        self._server = BoundedServer(cors_origins, ["websocket"] if websocket_only else None, self._redis_manager)
        self._guards = ConnectionGuards(self._server.eio)
        self._stalls = StalledSends(stall_seconds)
        self._gate = Gate(self._server, self._stalls)
        self._sweeper: asyncio.Task[None] | None = None
        self._install_handlers()

    def wrap(self, app: App) -> App:
        """The ASGI app to serve; put no middleware around it (see `StalledSends`), only inside."""
        return self._gate.before(app)

    async def start(self) -> None:
        """Begin to tell live counts; a Redis that is away does not hinder it."""
        for kind in self._kinds.values():
            await kind.start()
        self._sweeper = asyncio.create_task(self._sweep(), name="realtime-sweep")

    async def drain(self) -> None:
        """Tell the last values, then close every connection; clients come back by themselves, to another process.

        Best called before the web server closes its connections, while commits still drain: their counts go on to
        the other processes until `stop`.
        """
        self._gate.shut()
        for kind in self._kinds.values():
            await kind.flush()
        await self._guards.written(LAST_WORDS_SECONDS)
        for engine_sid in list(self._server.eio.sockets):
            await self._guards.close(engine_sid)
        await self._gate.emptied(GOODBYE_SECONDS)

    async def stop(self) -> None:
        """Drain, and end every task; call it after the last `publish`."""
        await self.drain()
        for kind in self._kinds.values():
            await kind.stop()
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        await self._server.eio.end_background_tasks()
        await self._close_redis()

    def _install_handlers(self) -> None:
        self._server.on("connect", self._on_connect)
        self._server.on("disconnect", self._on_disconnect)
        self._server.on(SUBSCRIBE, self._on_subscribe)
        self._server.on(UNSUBSCRIBE, self._on_unsubscribe)
        self._server.on("*", self._on_unknown)

    async def _on_connect(self, sid: str, _environ: Mapping[str, Any], auth: object = None) -> bool:
        """Admit a client.

        Raises:
            socketio.exceptions.ConnectionRefusedError: its token is not to be believed.
        """
        try:
            identity = await self._identify(auth)
        except Exception as error:  # noqa: BLE001 - the edge: a client gets an answer, never a silence
            raise refusal(error) from None
        engine_sid = self._server.manager.eio_sid_from_sid(sid, NAMESPACE)
        socket = self._server.eio.sockets.get(engine_sid)
        if socket is None or socket.closing:  # gone while its token was verified; nobody would tell us later
            return False
        expires_at = None if identity is None else identity.expires_at
        self._connections[sid] = Connection(sid, engine_sid, socket.queue, expires_at, identity=identity)
        SOCKETS.inc()
        return True

    async def _identify(self, auth: object) -> Identity | None:
        if auth is None:
            return None
        if not isinstance(auth, dict):
            raise Unauthorized
        token = auth.get("token")
        if token is None:
            return None
        if not isinstance(token, str):
            raise Unauthorized
        return await self._verifier.verify(token)

    async def _on_disconnect(self, sid: str, _reason: str) -> None:
        connection = self._connections.pop(sid, None)
        if connection is not None:
            SOCKETS.dec()
            for kind in self._kinds.values():
                kind.leave_all(connection)

    async def _on_subscribe(self, sid: str, *arguments: object) -> Answer:
        return await answered(partial(self._subscribe, self._connections[sid], arguments))

    async def _on_unsubscribe(self, sid: str, *arguments: object) -> Answer:
        return await answered(partial(self._unsubscribe, self._connections[sid], arguments))

    async def _on_unknown(self, _event: str, _sid: str, *_arguments: object) -> Answer:
        return UNKNOWN_EVENT

    async def _subscribe(self, connection: Connection, arguments: tuple[object, ...]) -> Answer:
        kind, reference = self._named(arguments)
        return {"ok": True, "room": kind.name(reference), **await kind.join(connection, reference)}

    async def _unsubscribe(self, connection: Connection, arguments: tuple[object, ...]) -> Answer:
        kind, reference = self._named(arguments)
        kind.leave(connection, reference)
        return {"ok": True, "room": kind.name(reference)}

    def _named(self, arguments: tuple[object, ...]) -> tuple[RoomKind, str]:
        field, reference = read_reference(arguments, self._kinds)
        return self._kinds[field], reference

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_seconds)
            self._stalls.sweep()
            await self._end_expired()

    async def _end_expired(self) -> None:
        now = self._clock.now()
        for connection in list(self._connections.values()):
            if connection.expires_at is not None and connection.expires_at <= now:
                SOCKETS_CUT_OFF.labels("expired").inc()
                # Told as "io server disconnect", after which a client does not come back with the same token.
                await self._server.disconnect(connection.sid, ignore_queue=True)
                await self._guards.close(connection.engine_sid)

    async def _close_redis(self) -> None:
        manager = self._redis_manager
        for client in () if manager is None else (manager.pubsub, manager.redis):
            if client is not None:
                await client.aclose()


def _redis_manager(url: str, name: str) -> AsyncRedisManager:
    """Carries emits to rooms between processes; its listener must not time out on a quiet channel."""
    options = {"socket_timeout": None, "socket_connect_timeout": CONNECT_TIMEOUT_SECONDS}
    return AsyncRedisManager(url, channel=f"playledger:socketio:{name}", redis_options=options)
