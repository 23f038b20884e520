"""Worker processes that end when the process that started them is killed."""

import ctypes
import os
import signal
import sys

PARENT = "PLAYLEDGER_PARENT"
_PR_SET_PDEATHSIG = 1


def announce_parent() -> None:
    """Tell the workers that are about to be started who their parent is."""
    os.environ[PARENT] = str(os.getpid())


def end_with_parent() -> None:
    """In a worker: ask the kernel for SIGTERM when the parent dies, so that `kill -9` leaves no orphan on the port.

    Elsewhere than on Linux, and in a process that is no worker, it does nothing.
    """
    parent = os.environ.get(PARENT)
    if parent is None or int(parent) == os.getpid() or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        # It died before we could ask.
        os.kill(os.getpid(), signal.SIGTERM)
