"""The package of the browser client, and what is run in it."""

import fcntl
import hashlib
import subprocess
from pathlib import Path

from tests.realtime.node import node_and_npm

PACKAGE = Path(__file__).parents[2] / "clients" / "js"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run something in the folder of the package, to its end."""
    return subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, timeout=180, check=False)


def node(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(node_and_npm()[0], *arguments)


def npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(*node_and_npm()[1], *arguments)


def install() -> None:
    """Install what the lock file names, once for each state of it, in one of all processes."""
    wanted = hashlib.sha256((PACKAGE / "package-lock.json").read_bytes()).hexdigest()
    stamp = PACKAGE / "node_modules" / ".stamp"
    with (PACKAGE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        installed = npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
        assert installed.returncode == 0, installed.stderr
        stamp.write_text(wanted)
