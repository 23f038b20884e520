"""What a benchmark runs on: a mongod of its own in a temporary folder, and the server as a process of its own."""

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from app.config import Settings, load_settings
from app.embedded import EmbeddedMongo
from app.parent import PARENT

_ROOT = Path(__file__).parents[1]
_PATIENCE_SECONDS = 30.0
_DATABASE = "playledger-bench"


class StageFailed(Exception):
    """The server did not start; the message says how it ended."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is; `secret` signs tokens that the server believes."""

    settings: Settings
    mongodb_uri: str
    secret: str
    port: int
    server_pid: int
    mongod_pid: int


@contextmanager
def mongod_and_server() -> Iterator[Stage]:
    """Start both, and end both; nothing is left behind.

    Raises:
        StageFailed: the server does not answer.
        EmbeddedMongoError: there is no mongod.
    """
    with tempfile.TemporaryDirectory(prefix="playledger-bench-") as folder:
        data_dir, secret, port = Path(folder), secrets.token_hex(32), _free_port()
        database = EmbeddedMongo(data_dir, binary=load_settings().mongod_binary)
        with database as uri, _served(_environment(uri, secret, port, data_dir), data_dir) as server:
            _wait_for(server, port)
            settings = load_settings(
                _env_file=None, mongodb_database=_DATABASE, jwt_secret=secret, data_dir=data_dir, redis_url=None
            )
            yield Stage(settings, uri, secret, port, server.pid, database.pid)


def _environment(uri: str, secret: str, port: int, data_dir: Path) -> dict[str, str]:
    """Nothing of the caller's own settings: two runs must measure the same thing."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(_ROOT),
        PARENT: str(os.getpid()),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "MONGODB_URI": uri,
        "MONGODB_DATABASE": _DATABASE,
        "JWT_SECRET": secret,
        "DATA_DIR": str(data_dir),
        "RATE_LIMIT_ENABLED": "false",
        "LOG_LEVEL": "warning",
    }


@contextmanager
def _served(environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    # From the temporary folder, so that no `.env` is read.
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.server"], env=environment, cwd=folder)
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(timeout=15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    give_up_at = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        if server.poll() is not None:
            raise StageFailed(f"The server ended with exit code {server.returncode}")
        try:
            with urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise StageFailed("The server does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
