"""The service as a process that is killed and started again; its database is another process, and lives on."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.stage import StageFailed, environment_for, free_port
from benchmarks.truth.server import CLOCK_FILE

_PATIENCE_SECONDS = 60.0
_KIB_PER_MIB = 1024


class KillableService:
    """One server process at a time, on one port; `peak_mib` is the most memory that any of them had."""

    def __init__(self, uri: str, database: str, secret: str, folder: Path, clock_file: Path) -> None:
        self.port = free_port()
        self.kills = 0
        self.peak_mib = 0.0
        self._folder = folder
        self._environment = environment_for(uri, database, secret, self.port, folder) | {
            CLOCK_FILE: str(clock_file),
            # Countries come in a header, which is believed of a proxy only.
            "TRUSTED_PROXIES": "127.0.0.1/32",
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it is ready.

        Raises:
            StageFailed: it is not.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.truth.server"], env=self._environment, cwd=self._folder
        )
        give_up_at = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            if self._process.poll() is not None:
                raise StageFailed(f"The server ended with exit code {self._process.returncode}")
            if self._is_ready():
                return
            time.sleep(0.02)
        raise StageFailed("The server does not get ready")

    def kill(self) -> None:
        """`kill -9`."""
        self.note_memory()
        self._end(signal.SIGKILL)
        self.kills += 1

    def stop(self) -> None:
        """SIGTERM, and wait."""
        self.note_memory()
        self._end(signal.SIGTERM)

    def note_memory(self) -> None:
        """Read the peak of the process that runs, which is gone with it."""
        if self._process is not None and self._process.poll() is None:
            self.peak_mib = max(self.peak_mib, _peak_kib(self._process.pid) / _KIB_PER_MIB)

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self.address}/health/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def ended(service: KillableService) -> Iterator[KillableService]:
    """The service, which does not run any more afterwards."""
    try:
        yield service
    finally:
        service.stop()


def _peak_kib(pid: int) -> int:
    """`VmHWM`: the kernel's own record of the largest resident set."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0
