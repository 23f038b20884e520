"""A worker ends with the process that started it, and nobody else does."""

import os
import signal
import subprocess
import sys

import pytest

from app.parent import PARENT, announce_parent, end_with_parent

WORKER = """
import time
from app.parent import end_with_parent
end_with_parent()
print("waits", flush=True)
time.sleep(60)
"""
# Starts a worker, and is killed before it can do anything about it.
PARENT_OF_A_WORKER = f"""
import os, signal, subprocess, sys
from app.parent import announce_parent
announce_parent()
child = subprocess.Popen([sys.executable, "-c", {WORKER!r}], stdout=subprocess.PIPE)
child.stdout.readline()
os.kill(os.getpid(), signal.SIGKILL)
"""
NO_PROCESS = "999999999"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_worker_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.run([sys.executable, "-c", PARENT_OF_A_WORKER], stderr=subprocess.PIPE, timeout=20, check=False)
    # It returned at all: the worker, which shares standard error, has ended too.
    assert parent.returncode == -signal.SIGKILL
    assert parent.stderr == b""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_worker_whose_parent_is_gone_already_ends_at_once() -> None:
    environment = os.environ | {PARENT: NO_PROCESS}
    worker = subprocess.run([sys.executable, "-c", WORKER], env=environment, timeout=20, check=False)
    assert worker.returncode == -signal.SIGTERM


def test_who_is_no_worker_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PARENT, raising=False)
    end_with_parent()
    announce_parent()
    assert os.environ[PARENT] == str(os.getpid())
    end_with_parent()
    monkeypatch.delenv(PARENT)
