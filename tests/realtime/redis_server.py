"""A real Redis that a test may stop and start again on the same port."""

import shutil
import socket
import subprocess
import sysconfig
import time
from pathlib import Path


def redis_server_binary() -> str:
    """The server that the dev dependencies carry, else the one in PATH."""
    bundled = Path(sysconfig.get_path("scripts")) / "redis-server"
    found = str(bundled) if bundled.exists() else shutil.which("redis-server")
    if found is None:
        raise RuntimeError("redis-server is needed for these tests: install the dev dependencies")
    return found


class RedisServer:
    """Keeps nothing on disk; listens on 127.0.0.1."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([redis_server_binary(), *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False
