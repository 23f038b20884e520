"""Progress of syncs: tells admins who watch how far each has come, whichever process works on it."""

from collections.abc import Iterable, Mapping

from app.errors import Forbidden, NotFound
from app.metrics import EMITS, SUBSCRIPTIONS
from app.models.licensing.sync import SyncJob
from app.models.wire.music_sync import SyncJobShown
from app.realtime.connection import Connection
from app.realtime.polling import Polling
from app.realtime.ports import SyncsReader
from app.realtime.protocol import ROOM_FIELD, SYNC_PROGRESS, SYNC_ROOM, sync_packet

CHECK_INTERVAL_SECONDS = 1.0

Known = dict[str, SyncJob]
"""Jobs as a connection was told of them last."""


class SyncProgress:
    """The room `admin:sync`; see `RoomKind`.

    The jobs lie in the database, where every worker notes each page. So this process asks for them, all at once, and
    not while nobody watches.
    """

    field = ROOM_FIELD

    def __init__(self, reader: SyncsReader, interval_seconds: float = CHECK_INTERVAL_SECONDS) -> None:
        self._reader = reader
        self._audience: dict[Connection, Known] = {}
        self._polling = Polling(SYNC_PROGRESS, self.check, lambda: self.is_watched, interval_seconds)

    def name(self, reference: str) -> str:
        """The room of this name."""
        return reference

    async def join(self, connection: Connection, reference: str) -> Mapping[str, object]:
        """Let an admin hear of syncs; tells those that are not over.

        Raises:
            Forbidden: it is not for them.
            NotFound: there is no such room.
            Conflict: the connection is in too many rooms.
            Unavailable: the jobs cannot be read at present.
        """
        if reference != SYNC_ROOM:
            raise NotFound("Room not found")
        if not connection.is_admin:
            raise Forbidden("Only an admin may watch this")
        with connection.place(connection.named_rooms, reference):
            known = {job.id: job for job in await self._reader.watched([])}
            if reference in connection.named_rooms:  # or it is gone, or unsubscribed, since the jobs were read
                self._enter(connection, known)
        return {"jobs": [_shown(job) for job in known.values() if not job.is_over]}

    def leave(self, connection: Connection, reference: str) -> None:
        """Let a connection hear no more, if it does."""
        connection.named_rooms.pop(reference, None)
        if reference == SYNC_ROOM and self._audience.pop(connection, None) is not None:
            SUBSCRIPTIONS.dec()

    def leave_all(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        self.leave(connection, SYNC_ROOM)

    @property
    def is_watched(self) -> bool:
        """Whether anybody listens."""
        return bool(self._audience)

    async def start(self) -> None:
        """Begin to ask and to tell."""
        await self._polling.start()

    async def flush(self) -> None:
        """Nothing waits: what was asked for was told."""

    async def stop(self) -> None:
        """Ask no more."""
        await self._polling.stop()

    async def check(self) -> None:
        """Ask for the jobs, and tell everyone what they do not know yet.

        Who has joined meanwhile may know something newer, and waits for the next check.

        Raises:
            Unavailable: the database is away.
        """
        watching = list(self._audience)
        unfinished = {job_id for known in self._audience.values() for job_id, job in known.items() if not job.is_over}
        jobs = await self._reader.watched(unfinished)
        for connection in watching:
            if connection in self._audience:
                self._tell(connection, jobs)

    def _tell(self, connection: Connection, jobs: Iterable[SyncJob]) -> None:
        known = self._audience[connection]
        for job in jobs:
            if known.get(job.id) != job:
                EMITS.labels(SYNC_PROGRESS).inc()
                connection.outbox.put_nowait(sync_packet(_shown(job)))
        self._audience[connection] = {job.id: job for job in jobs}

    def _enter(self, connection: Connection, known: Known) -> None:
        if connection not in self._audience:
            SUBSCRIPTIONS.inc()
        self._audience[connection] = known
        connection.named_rooms[SYNC_ROOM] = SYNC_ROOM
        self._polling.wake()


def _shown(job: SyncJob) -> Mapping[str, object]:
    return SyncJobShown.of(job).model_dump(mode="json", by_alias=True)
