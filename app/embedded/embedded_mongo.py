"""The embedded MongoDB as its users see it: start, an address, stop."""

import logging
from pathlib import Path
from types import TracebackType

from app.embedded.binary import find_mongod
from app.embedded.errors import EmbeddedMongoError
from app.embedded.folder import MongoFolder
from app.embedded.locks import Membership, only_one
from app.embedded.server import Log, Server, ensure_server, find_server
from app.embedded.supervisor import Supervisor

_LOG = logging.getLogger(__name__)


class EmbeddedMongo:
    """A replica set of one mongod in `<data_dir>/mongo`, shared by all processes that use the folder.

    The first to come starts it, or adopts one that a killed process left behind; the last to leave stops it. While
    anybody is inside, a mongod that dies is started again on the same port, so that clients only have to reconnect:
    it is a primary again 0.3 s after `kill -9` when little was written, 1.4 s after under full load. Acknowledged
    writes survive: the journal is on.

    Synchronous, for use before an event loop runs; `log` gets sentences for a person, also from a thread.
    """

    def __init__(self, data_dir: Path, *, binary: Path | None = None, log: Log = _LOG.warning) -> None:
        self._data_dir = data_dir
        self._named_binary = binary
        self._log = log
        self._inside: _Inside | None = None

    def start(self) -> str:
        """Come in, and return the URI of a writable primary; a second call changes nothing.

        Raises:
            EmbeddedMongoError: there is no mongod, or it does not start; the message says what to do.
        """
        if self._inside is None:
            binary = find_mongod(self._named_binary)
            self._inside = _Inside(binary, MongoFolder.prepare(self._data_dir), self._log)
        return self.uri

    def stop(self) -> None:
        """Leave; the last to leave stops the server. A second call changes nothing."""
        inside, self._inside = self._inside, None
        if inside:
            inside.leave()

    @property
    def uri(self) -> str:
        """Where the server is; the same until `stop`."""
        return self._server.uri

    @property
    def pid(self) -> int:
        """The process id of the mongod; another one after it died and was started again."""
        return self._server.process.pid

    @property
    def _server(self) -> Server:
        if self._inside is None:
            raise EmbeddedMongoError("The embedded MongoDB has not been started.")
        return self._inside.supervisor.server

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Inside:
    """What a user holds between coming and leaving."""

    def __init__(self, binary: Path, folder: MongoFolder, log: Log) -> None:
        self._binary = binary
        self._folder = folder
        self._log = log
        with only_one(folder.change_lock):
            self._membership = Membership(folder.users_lock)
            try:
                server = ensure_server(binary, folder, log)
            except BaseException:
                self._membership.leave()
                raise
        self.supervisor = Supervisor(server, self._restart, log)
        self.supervisor.start()

    def leave(self) -> None:
        """Stop watching, and stop the server when nobody else is inside."""
        self.supervisor.stop()
        try:
            with only_one(self._folder.change_lock):
                if self._membership.leave():
                    self._end(find_server(self._folder))
        except FileNotFoundError:  # somebody has removed the folder, and with it the locks
            self._membership.leave()
            self._end(self.supervisor.server)
        self.supervisor.server.process.close()

    def _restart(self) -> Server:
        with only_one(self._folder.change_lock):
            return ensure_server(self._binary, self._folder, self._log, may_move=False)

    def _end(self, server: Server | None) -> None:
        if server is None:
            return
        if not server.process.end():
            self._log(f"The embedded MongoDB (process id {server.process.pid}) did not stop by itself and was killed.")
        server.process.close()
