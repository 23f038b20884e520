"""The one mongod of a folder: found when it runs, started when it does not; the caller holds the folder's lock."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.clock import SystemClock, iso
from app.embedded.command_line import REPLICA_SET, command_line, port_of
from app.embedded.errors import EmbeddedMongoError, NotAnswering, ServerDied
from app.embedded.folder import MongoFolder
from app.embedded.log_file import last_words, rotate
from app.embedded.ports import HOST, any_port, is_free
from app.embedded.process import Process, arguments_of
from app.embedded.record import ServerRecord, read_record, write_record
from app.embedded.replica_set import become_primary

PORTS_TRIED = 20
# Somebody may kill it while it starts; what is really wrong with it is wrong the second time too.
DEATHS_FORGIVEN = 1
# One that was just told to stop needs about a second; one that hangs would hang for any time.
HANDOVER_PATIENCE = timedelta(seconds=3)

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Server:
    """A mongod that runs, or ran a moment ago."""

    process: Process
    port: int

    @property
    def uri(self) -> str:
        """With the name of the set, so that a driver writes only where it is told of a primary."""
        return f"mongodb://{HOST}:{self.port}/?replicaSet={REPLICA_SET}"


def find_server(folder: MongoFolder) -> Server | None:
    """The running mongod of this folder, by our record or by mongod's own; a number alone proves nothing."""
    for pid in _recorded_pids(folder):
        process = Process.open(pid)
        if process is None:
            continue
        # The descriptor first, then the name, then whether it still lives: so all three are of one process.
        port = port_of(arguments_of(pid), folder)
        if port and not process.exited():
            return Server(process, port)
        process.close()
    return None


def _recorded_pids(folder: MongoFolder) -> Iterator[int]:
    record = read_record(folder.record)
    if record:
        yield record.pid
    try:
        yield int(folder.mongod_lock.read_text())
    except (OSError, ValueError):  # never started, or stopped cleanly: then the file is empty
        return


def ensure_server(binary: Path, folder: MongoFolder, log: Log, *, may_move: bool = True) -> Server:
    """The writable mongod of this folder, adopted or new; `may_move` lets a new one take another port than the last.

    Raises:
        EmbeddedMongoError: it does not start, with its last words.
    """
    found = find_server(folder)
    if found is None:
        return _start(binary, folder, may_move=may_move)
    try:
        become_primary(found.process, found.port, folder.database)
    except (ServerDied, NotAnswering) as error:
        log(f"{error} It is ended, and another is started.")
        found.process.end(HANDOVER_PATIENCE)
        found.process.close()
        return _start(binary, folder, may_move=may_move)
    return found


def _start(binary: Path, folder: MongoFolder, *, may_move: bool) -> Server:
    rotate(folder.log)
    deaths = 0
    for port in _ports(folder, may_move=may_move):
        try:
            return _start_on(port, binary, folder)
        except ServerDied as error:
            deaths += is_free(port)  # else the port was the reason
            if deaths > DEATHS_FORGIVEN:
                raise ServerDied(f"{error}; the end of {folder.log}: {last_words(folder.log)}") from error
    raise EmbeddedMongoError(f"The embedded MongoDB finds no free port on {HOST}, or its own is taken by another.")


def _ports(folder: MongoFolder, *, may_move: bool) -> Iterator[int]:
    record = read_record(folder.record)
    candidates = [record.port] * (1 + DEATHS_FORGIVEN) if record else []
    if may_move or not record:
        candidates += [any_port() for _ in range(PORTS_TRIED)]
    return (port for port in candidates if is_free(port))


def _start_on(port: int, binary: Path, folder: MongoFolder) -> Server:
    server = Server(_spawn(command_line(binary, folder, port), folder.log), port)
    try:
        write_record(folder.record, ServerRecord(server.process.pid, port, iso(SystemClock().now())))
        become_primary(server.process, port, folder.database)
    except BaseException:
        server.process.kill()
        server.process.close()
        raise
    return server


def _spawn(command: list[str], log: Path) -> Process:
    # Not subprocess: whoever leaves last ends the server, and that need not be the object that started it.
    # A session of its own keeps the terminal's Ctrl-C from it until we have drained.
    to_log = (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    from_nothing = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    actions = [from_nothing, to_log, (os.POSIX_SPAWN_DUP2, 1, 2)]
    try:
        pid = os.posix_spawn(
            command[0], command, os.environ, file_actions=actions, setsid=True, setsigdef=[signal.SIGPIPE]
        )
    except OSError as error:
        raise EmbeddedMongoError(f"{command[0]} cannot be started: {error}") from error
    process = Process.open(pid)
    if process is None:
        raise ServerDied("mongod ended at once")
    return process
