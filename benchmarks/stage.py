"""What a benchmark runs on: a mongod of its own in a temporary folder, and servers as processes of their own."""

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
_PATIENCE_SECONDS = 120.0
_DATABASE = "playledger-bench"


class StageFailed(Exception):
    """The server did not start; the message says how it ended."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A mongod with nothing in it, and a folder that is removed in the end; `secret` signs tokens."""

    mongodb_uri: str
    mongod_pid: int
    folder: Path
    secret: str

    def settings(self, database: str = _DATABASE) -> Settings:
        """As the server of this database has them."""
        return load_settings(
            _env_file=None, mongodb_database=database, jwt_secret=self.secret, data_dir=self.folder, redis_url=None
        )


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
def mongod() -> Iterator[Ground]:
    """Start a database, and end it; nothing is left behind.

    Raises:
        EmbeddedMongoError: there is no mongod.
    """
    with tempfile.TemporaryDirectory(prefix="playledger-bench-") as folder:
        data_dir = Path(folder)
        database = EmbeddedMongo(data_dir, binary=load_settings().mongod_binary)
        with database as uri:
            yield Ground(uri, database.pid, data_dir, secrets.token_hex(32))


@contextmanager
def served(ground: Ground, database: str = _DATABASE, *, limited: bool = False) -> Iterator[Stage]:
    """Serve one database, with rate limits only if they are part of what is measured, and end the server.

    Raises:
        StageFailed: the server does not answer.
    """
    port = free_port()
    environment = environment_for(ground.mongodb_uri, database, ground.secret, port, ground.folder)
    if limited:
        environment["RATE_LIMIT_ENABLED"] = "true"
    with _process(environment, ground.folder) as server:
        _wait_for(server, port)
        settings = ground.settings(database)
        yield Stage(settings, ground.mongodb_uri, ground.secret, port, server.pid, ground.mongod_pid)


@contextmanager
def mongod_and_server() -> Iterator[Stage]:
    """Start one of each, and end both.

    Raises:
        StageFailed, EmbeddedMongoError: as `served` and `mongod`.
    """
    with mongod() as ground, served(ground) as stage:
        yield stage


def environment_for(uri: str, database: str, secret: str, port: int, data_dir: Path) -> dict[str, str]:
    """Nothing of the caller's own settings: two runs must measure the same thing."""
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(_ROOT),
        PARENT: str(os.getpid()),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "MONGODB_URI": uri,
        "MONGODB_DATABASE": database,
        "JWT_SECRET": secret,
        "DATA_DIR": str(data_dir),
        "RATE_LIMIT_ENABLED": "false",
        "LOG_LEVEL": "warning",
    }


@contextmanager
def _process(environment: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
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


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
