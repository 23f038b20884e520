"""What `playledger serve` does before it serves, in this process, with the serving itself left out."""

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import psutil
import pymongo
import pytest
from pymongo.database import Database

from app import metrics
from app.cli import serve, server
from app.config import Settings
from app.embedded.binary import find_mongod
from app.embedded.ports import is_listening
from app.parent import PARENT
from tests.cli.conftest import Run, has_ended
from tests.conftest import DATABASE
from tests.redis_server import free_port
from tests.waiting import eventually


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Settings]]:
    """The settings that were about to be served with."""
    settings: list[Settings] = []
    monkeypatch.setattr(server, "run", settings.append)
    kept = {name: os.environ.get(name) for name in ("HOST", "PORT", PARENT, "PROMETHEUS_MULTIPROC_DIR")}
    handler = signal.getsignal(signal.SIGTERM)
    yield settings
    signal.signal(signal.SIGTERM, handler)
    for name, value in kept.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def sandboxes() -> set[int]:
    """The processes with music providers that this one has started."""
    children = psutil.Process().children(recursive=True)
    return {child.pid for child in children if not has_ended(child) and "app.sandbox" in child.cmdline()}


@pytest.fixture
def started(served: list[Settings], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many processes with music providers there were beside each serving, and had not been there before."""
    before = sandboxes()
    numbers: list[int] = []

    def look(settings: Settings) -> None:
        served.append(settings)
        numbers.append(len(sandboxes() - before))

    monkeypatch.setattr(server, "run", look)
    return numbers


def test_options_go_before_the_environment(
    run: Run, served: list[Settings], started: list[int], unmigrated: Database
) -> None:
    port = free_port()
    done = run("serve", "--host", "127.0.0.2", "--port", str(port), PORT="1")
    assert done.exit_code == 0, done.stderr
    [settings] = served
    assert (settings.host, settings.port) == ("127.0.0.2", port)
    assert f"http://127.0.0.2:{port}/docs" in done.stdout
    assert "Tokens" not in done.stdout
    assert "sandbox" not in done.stdout
    assert started == [0]
    assert unmigrated["migrations"].count_documents({}) > 0


def test_a_demo_is_loaded_once_and_greets_with_what_there_is(
    run: Run, served: list[Settings], started: list[int], unmigrated: Database
) -> None:
    first = run("serve", "--demo", PORT=str(free_port()), ALLOW_PRIVATE_PROVIDER_URLS="false")
    assert "6 demo songs added" in first.stdout
    assert first.stdout.count("  eyJ") == 3
    assert "sandbox" not in first.stdout
    second = run("serve", "--demo", PORT=str(free_port()))
    assert "6 music providers set up to ask the sandbox" in second.stdout
    assert "added" not in second.stdout
    assert "applied" not in second.stdout
    assert started == [0, 1]
    keys = {"JWT_SECRET": "", "JWT_JWKS_URL": "https://issuer.example.com/jwks"}
    of_an_issuer = run("serve", "--demo", PORT=str(free_port()), ALLOW_PRIVATE_PROVIDER_URLS="false", **keys)
    assert of_an_issuer.exit_code == 0, of_an_issuer.stderr
    assert "eyJ" not in of_an_issuer.stdout
    assert len(served) == 3


def test_several_processes_share_their_metrics_and_know_their_parent(
    run: Run, served: list[Settings], db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "metrics" / "of-the-last-start"
    old.parent.mkdir()
    old.touch()
    seen: list[dict[str, str]] = []
    monkeypatch.setattr(server, "run", lambda _settings: seen.append(dict(os.environ)))
    done = run("serve", PORT=str(free_port()), WEB_CONCURRENCY="2", REDIS_URL="redis://127.0.0.1:1")
    assert done.exit_code == 0, done.stderr
    [environment] = seen
    assert environment["PROMETHEUS_MULTIPROC_DIR"] == str(tmp_path / "metrics")
    assert environment[PARENT] == str(os.getpid())
    assert not old.exists()


def test_metrics_of_several_processes_are_summed_from_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert b"playledger_views_total" in metrics.render()
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert metrics.render() == b""


def test_a_port_in_use_is_said_before_anything_is_started(
    run: Run, served: list[Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(serve, "_PORT_PATIENCE", timedelta(seconds=0.2))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = run("serve", "--port", str(port), MONGODB_URI="")
    assert (refused.exit_code, refused.stdout, served) == (1, "", [])
    assert refused.stderr.strip() == (
        f"✗ Port {port} is in use. End what listens there, or choose another with PORT or --port."
    )
    assert not (tmp_path / "mongo").exists()


def test_a_database_that_is_away_is_waited_for_and_then_given_up(
    run: Run, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first look is within the second that is waited, and the second one is not, however long they take.
    moments = count(0, 0.6)
    monkeypatch.setattr(serve, "time", SimpleNamespace(monotonic=lambda: next(moments), sleep=time.sleep))
    monkeypatch.setattr(serve, "_DATABASE_PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr("app.cli.session._PATIENCE", timedelta(seconds=0.3))
    refused = run("serve", PORT=str(free_port()), MONGODB_URI=f"mongodb://127.0.0.1:{free_port()}")
    assert (refused.exit_code, served) == (1, [])
    assert refused.stderr.splitlines() == [
        "! The database does not answer yet, waiting",
        "✗ The database is away, please try again",
    ]


def test_a_standalone_server_is_refused(run: Run, served: list[Settings], tmp_path: Path) -> None:
    port = free_port()
    folder = tmp_path / "standalone"
    folder.mkdir()
    options = ["--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"]
    with subprocess.Popen([str(find_mongod()), *options], stdout=subprocess.DEVNULL) as standalone:
        try:
            asyncio.run(eventually(lambda: is_listening(port)))
            uri = f"mongodb://127.0.0.1:{port}"
            commands = [("serve", "--port", str(free_port())), ("migrate", "up"), ("reconcile",)]
            done = [run(*command, MONGODB_URI=uri) for command in commands]
        finally:
            standalone.kill()
    assert served == []
    for refused in done:
        assert refused.exit_code == 1
        sentence = refused.stderr.strip().splitlines()[-1]
        assert sentence.startswith("✗ The MongoDB server at MONGODB_URI is a standalone server")
        assert "Traceback" not in refused.stderr


def test_ctrl_c_says_so(run: Run, served: list[Settings], db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_settings: Settings) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "run", interrupted)
    done = run("serve", PORT=str(free_port()))
    assert (done.exit_code, done.stderr.strip()) == (0, "Stopped")


def test_sigterm_ends_it_with_0(
    run: Run, served: list[Settings], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "run", lambda _settings: os.kill(os.getpid(), signal.SIGTERM))
    assert run("serve", PORT=str(free_port())).exit_code == 0


def test_an_embedded_database_is_there_for_workers_and_gone_after(
    run: Run, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    uris: list[str] = []

    def look(_settings: Settings) -> None:
        uris.append(os.environ["MONGODB_URI"])
        with pymongo.MongoClient(uris[0]) as client:
            assert client[DATABASE]["migrations"].count_documents({}) > 0

    monkeypatch.setattr(server, "run", look)
    done = run("serve", PORT=str(free_port()), MONGODB_URI="")
    assert done.exit_code == 0, done.stderr
    client = pymongo.MongoClient(uris[0], serverSelectionTimeoutMS=200)
    with client, pytest.raises(pymongo.errors.ServerSelectionTimeoutError):
        client.admin.command("ping")
