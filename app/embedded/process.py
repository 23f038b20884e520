"""One process of the machine, known by more than its number, which the kernel gives out again."""

import errno
import os
import select
import signal
import subprocess
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Self

POLL_SECONDS = 0.02
STOP_PATIENCE = timedelta(seconds=20)
KILL_PATIENCE = timedelta(seconds=10)


class Process:
    """A process, ours or adopted; where the kernel has process descriptors (Linux), never a recycled number."""

    def __init__(self, pid: int, descriptor: int | None) -> None:
        self.pid = pid
        self._descriptor = descriptor
        self._exited = False

    @classmethod
    def open(cls, pid: int) -> Self | None:
        """The process with this number, or None where there is none."""
        if pid <= 0:  # to the kernel, a group of processes
            return None
        try:
            return cls(pid, _descriptor_of(pid))
        except ProcessLookupError:
            return None

    def exited(self, within: float = 0) -> bool:
        """Whether it has ended, waiting up to `within` seconds for that; a dead child is reaped."""
        if not self._exited and self._ends_within(within):
            self._exited = True
            _reap(self.pid)
        return self._exited

    def end(self, patience: timedelta = STOP_PATIENCE) -> bool:
        """Ask it to end, and kill it when it has not after `patience`; says whether it went by itself."""
        self._send(signal.SIGTERM)
        if self.exited(patience.total_seconds()):
            return True
        self.kill()
        return False

    def kill(self) -> None:
        """End it without asking."""
        self._send(signal.SIGKILL)
        self.exited(KILL_PATIENCE.total_seconds())

    def close(self) -> None:
        """Forget it; the process itself goes on."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _ends_within(self, seconds: float) -> bool:
        if self._descriptor is None:
            return _poll_until_gone(self.pid, seconds)
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def _send(self, number: signal.Signals) -> None:
        if self._exited:
            return
        with suppress(ProcessLookupError):
            if self._descriptor is None:
                os.kill(self.pid, number)
            else:
                signal.pidfd_send_signal(self._descriptor, number)


def arguments_of(pid: int) -> str:
    """The command line of a process with one space between its arguments; empty when it cannot be seen."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        return "" if Path("/proc/self").exists() else _arguments_by_ps(pid)
    except OSError:
        return ""


def _arguments_by_ps(pid: int) -> str:
    try:
        answer = subprocess.run(  # noqa: S603 - fixed arguments
            ["ps", "-ww", "-o", "args=", "-p", str(pid)],  # noqa: S607 - its place differs between systems
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return answer.stdout.strip()


def _descriptor_of(pid: int) -> int | None:
    if not hasattr(os, "pidfd_open"):
        os.kill(pid, 0)
        return None
    try:
        return os.pidfd_open(pid)
    except OSError as error:
        if error.errno == errno.ESRCH:
            raise ProcessLookupError from error
        # An old kernel, or a sandbox that does not know the call.
        os.kill(pid, 0)
        return None


def _poll_until_gone(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        _reap(pid)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)


def _reap(pid: int) -> None:
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
