"""The service as a user runs it: `playledger serve` in processes of its own."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from tests.redis_server import free_port
from tests.serving import SECRET

PLAYLEDGER = Path(sys.executable).with_name("playledger")


class Service:
    """One `playledger serve`; it can be killed and started again on the same port."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.port = free_port()
        self.data_dir = data_dir
        self._log = data_dir / "service.log"
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = inherited | {
            "PORT": str(self.port),
            "DATA_DIR": str(data_dir),
            "JWT_SECRET": SECRET,
            "RATE_LIMIT_ENABLED": "false",
            "LOG_LEVEL": "warning",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        return self._log.read_text()

    def start(self, *options: str) -> "Service":
        """Start, without waiting."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(PLAYLEDGER), "serve", *options],
                env=self.environment,
                cwd=self.data_dir,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def wait_until_ready(self, seconds: float = 300) -> "Service":
        give_up_at = time.monotonic() + seconds
        while time.monotonic() < give_up_at:
            assert self._process is not None
            assert self._process.poll() is None, self.log[-3000:]
            try:
                with urllib.request.urlopen(f"{self.address}/health/ready", timeout=10) as answer:
                    if answer.status == 200:
                        return self
            except urllib.error.HTTPError as refusal:
                # It keeps its connection until it is closed.
                refusal.close()
                time.sleep(0.05)
            except (OSError, urllib.error.URLError):
                time.sleep(0.05)
        raise AssertionError(f"not ready after {seconds} s: {self.log[-3000:]}")

    def kill(self) -> None:
        """`kill -9` of the service with its workers; an embedded mongod lives on."""
        assert self._process is not None
        workers = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait()
        for worker in workers:
            if "mongod" not in worker.name():
                worker.kill()

    def kill_parent(self) -> None:
        """`kill -9` of the process that was started, and of no other."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self, seconds: float = 60) -> int:
        """SIGTERM, and the exit code."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(seconds)
        finally:
            self._process.kill()
            self._process = None

    def run(self, *command: str) -> str:
        """The output of another `playledger` command in the same environment."""
        done = subprocess.run(
            [str(PLAYLEDGER), *command],
            env=self.environment,
            cwd=self.data_dir,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
