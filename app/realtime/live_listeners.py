"""Live listeners: tells who watches a track how many listen to it, whenever that number has changed."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import structlog

from app.errors import Unavailable
from app.metrics import EMITS, SUBSCRIPTIONS
from app.realtime.connection import Connection
from app.realtime.live_counts import RECIPIENTS_AT_ONCE
from app.realtime.ports import ListenersReader
from app.realtime.protocol import TRACK_FIELD, TRACK_LISTENERS_UPDATED, listeners_packet, track_room

log = structlog.get_logger(__name__)

CHECK_INTERVAL_SECONDS = 2.0

Audience = dict[Connection, int]
"""Those who named a track in the same way, each with the number that it was told last."""


class LiveListeners:
    """Rooms `stats:track:<reference>`; see `RoomKind`.

    A session stops to count by mere passing of time, which nobody commits and nobody could publish. So this process
    asks: one query for all its tracks, and none while nobody watches. Other processes ask for theirs.
    """

    field = TRACK_FIELD

    def __init__(self, reader: ListenersReader, interval_seconds: float = CHECK_INTERVAL_SECONDS) -> None:
        self._reader = reader
        self._interval = interval_seconds
        self._tracks: dict[str, dict[str, Audience]] = {}
        self._is_watched = asyncio.Event()
        self._checker: asyncio.Task[None] | None = None

    def name(self, reference: str) -> str:
        """The room of everyone who named a track by this id or slug."""
        return track_room(reference)

    async def join(self, connection: Connection, reference: str) -> Mapping[str, object]:
        """Let a connection hear of a track under this id or slug, and tell it how many listen now.

        Raises:
            NotFound: there is no such track.
            Conflict: the connection is in too many rooms.
            Unavailable: the number cannot be read at present.
        """
        with connection.place(connection.track_rooms, reference):
            count = await self._reader.of_track(reference)
            if reference in connection.track_rooms:  # or it is gone, or unsubscribed, since the track was looked up
                self._enter(connection, reference, count.track_id, count.listeners)
        return {"listeners": count.listeners}

    def leave(self, connection: Connection, reference: str) -> None:
        """Let a connection hear no more of a track under this reference."""
        track_id = connection.track_rooms.pop(reference, None)
        if track_id is not None:
            self._remove(connection, reference, track_id)

    def leave_all(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        for reference in list(connection.track_rooms):
            self.leave(connection, reference)

    @property
    def track_ids(self) -> list[str]:
        """The tracks that are watched."""
        return list(self._tracks)

    async def start(self) -> None:
        """Begin to ask and to tell."""
        self._checker = asyncio.create_task(self._run(), name="live-listeners")

    async def flush(self) -> None:
        """Nothing waits: what was asked for was told."""

    async def stop(self) -> None:
        """Ask no more."""
        if self._checker is not None:
            self._checker.cancel()
            with suppress(asyncio.CancelledError):
                await self._checker

    async def check(self) -> None:
        """Ask for all tracks at once, and tell those who do not know the number yet.

        Who has joined meanwhile may know a newer number, and waits for the next check.

        Raises:
            Unavailable: the database is away.
        """
        watching = {
            (track_id, reference): list(audience)
            for track_id, audiences in self._tracks.items()
            for reference, audience in audiences.items()
        }
        counts = await self._reader.of_tracks(self.track_ids)
        for (track_id, reference), connections in watching.items():
            await self._tell(track_id, reference, connections, counts.get(track_id, 0))

    async def _run(self) -> None:
        while True:
            await self._is_watched.wait()
            await asyncio.sleep(self._interval)
            if not self._tracks:
                self._is_watched.clear()
                continue
            try:
                await self.check()
            except Unavailable:
                log.warning("live listeners cannot be counted at present")
            except Exception:
                log.exception("live listeners were not told")

    async def _tell(self, track_id: str, reference: str, connections: list[Connection], listeners: int) -> None:
        audience = self._tracks.get(track_id, {}).get(reference, {})
        behind = [one for one in connections if audience.get(one, listeners) != listeners]
        if not behind:
            return
        packet = listeners_packet(reference, listeners)
        EMITS.labels(TRACK_LISTENERS_UPDATED).inc()
        for position, connection in enumerate(behind, start=1):
            if connection in audience:  # listeners come and go while the loop serves others
                audience[connection] = listeners
                connection.outbox.put_nowait(packet)
            if position % RECIPIENTS_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _enter(self, connection: Connection, reference: str, track_id: str, listeners: int) -> None:
        """Join the audience; a slug that names another song than before is left there first."""
        previous = connection.track_rooms.get(reference)
        if previous is not None and previous != track_id:
            self._remove(connection, reference, previous)
        audience = self._tracks.setdefault(track_id, {}).setdefault(reference, {})
        if connection not in audience:
            SUBSCRIPTIONS.inc()
        audience[connection] = listeners
        connection.track_rooms[reference] = track_id
        self._is_watched.set()

    def _remove(self, connection: Connection, reference: str, track_id: str) -> None:
        audiences = self._tracks.get(track_id, {})
        audience = audiences.get(reference, {})
        if audience.pop(connection, None) is None:
            return
        SUBSCRIPTIONS.dec()
        if not audience:
            del audiences[reference]
        if not audiences:
            del self._tracks[track_id]
