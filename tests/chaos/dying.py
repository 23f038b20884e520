"""A process that kills itself with `kill -9` in the midst of its work: somebody who watched it might come too late."""

import os
import signal
import sys
import threading
from pathlib import Path
from subprocess import Popen

import pymongo.monitoring

ROOT = Path(__file__).parents[2]
WRITES = {"update", "findAndModify"}


class DiesAfterWrites(pymongo.monitoring.CommandListener):
    """Kills when so many writes to a collection were answered, at once or so many seconds later."""

    def __init__(self, collection: str, writes: int, pause: float = 0) -> None:
        self._collection = collection
        self._left = writes
        self._pause = pause
        self._awaited: set[int] = set()

    def started(self, event: pymongo.monitoring.CommandStartedEvent) -> None:
        if event.command_name in WRITES and event.command[event.command_name] == self._collection:
            self._awaited.add(event.request_id)

    def succeeded(self, event: pymongo.monitoring.CommandSucceededEvent) -> None:
        if event.request_id not in self._awaited:
            return
        self._left -= 1
        if self._left == 0:
            self._die()

    def failed(self, event: pymongo.monitoring.CommandFailedEvent) -> None:
        """It is tried again."""

    def _die(self) -> None:
        if self._pause:
            threading.Timer(self._pause, _kill).start()
        else:
            _kill()


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(collection: str, writes: int, pause: float = 0) -> None:
    """From now on; call it before the first client is made."""
    pymongo.monitoring.register(DiesAfterWrites(collection, writes, pause))


def run(module: str, *arguments: object) -> "Popen[bytes]":
    """A module of the tests, in a process of its own."""
    return Popen([sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT)


def assert_dies(module: str, *arguments: object, seconds: float = 120) -> None:
    """It kills itself, and is not done before."""
    with run(module, *arguments) as running:
        try:
            assert running.wait(seconds) == -signal.SIGKILL, "it was done before it could be killed"
        finally:
            running.kill()
