"""Who may start or stop the server, and who uses it: locks that the kernel takes back from a process that dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from app.embedded.errors import EmbeddedMongoError

POLL_SECONDS = 0.01
# A start (60 s at most) after a stop (20 s at most), by somebody else.
PATIENCE = timedelta(seconds=90)


@contextmanager
def only_one(path: Path, patience: timedelta = PATIENCE) -> Iterator[None]:
    """Hold `path` alone among all processes and threads.

    Raises:
        EmbeddedMongoError: another process holds it for longer than `patience`.
    """
    descriptor = _open(path)
    try:
        _wait_for(descriptor, path, time.monotonic() + patience.total_seconds())
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, path: Path, deadline: float) -> None:
    while not _take(descriptor, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            raise EmbeddedMongoError(
                f"Another process has been starting or stopping the embedded MongoDB in {path.parent} for too long; "
                "end that process and try again."
            )
        time.sleep(POLL_SECONDS)


class Membership:
    """One user's place among the users of a server; joined and left under `only_one`."""

    def __init__(self, path: Path) -> None:
        self._descriptor = _open(path)
        # At once: the exclusive mode is tried only for a moment, and under the lock that the caller holds.
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Give up the place; says whether nobody is left."""
        try:
            return _take(self._descriptor, fcntl.LOCK_EX)
        finally:
            os.close(self._descriptor)


def _open(path: Path) -> int:
    # The files are never removed: a lock on a removed file keeps nobody out.
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _take(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
