"""What `playledger serve` does before it serves, in this process, with the serving itself left out."""

import os
import signal
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pymongo
import pytest
from pymongo.database import Database

from app import metrics
from app.cli import serve, server
from app.config import Settings
from app.parent import PARENT
from tests.cli.conftest import Run
from tests.redis_server import free_port


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


def test_options_go_before_the_environment(run: Run, served: list[Settings], db: Database) -> None:
    port = free_port()
    done = run("serve", "--host", "127.0.0.2", "--port", str(port), PORT="1")
    assert done.exit_code == 0, done.stderr
    [settings] = served
    assert (settings.host, settings.port) == ("127.0.0.2", port)
    assert f"http://127.0.0.2:{port}/docs" in done.stdout
    assert "Tokens" not in done.stdout
    assert db["migrations"].count_documents({}) > 0


def test_a_demo_is_loaded_once_and_greets_with_tokens(run: Run, served: list[Settings], db: Database) -> None:
    first = run("serve", "--demo", PORT=str(free_port()))
    assert "6 demo songs added" in first.stdout
    assert first.stdout.count("  eyJ") == 3
    second = run("serve", "--demo", PORT=str(free_port()))
    assert "added" not in second.stdout
    assert "applied" not in second.stdout
    assert len(served) == 2


def test_keys_of_an_issuer_greet_without_tokens(run: Run, served: list[Settings], db: Database) -> None:
    done = run("serve", "--demo", PORT=str(free_port()), JWT_SECRET="", JWT_JWKS_URL="https://issuer.example.com/jwks")
    assert done.exit_code == 0, done.stderr
    assert "eyJ" not in done.stdout


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


def test_a_port_in_use(run: Run, served: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "_PORT_PATIENCE", timedelta(seconds=0.2))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = run("serve", PORT=str(taken.getsockname()[1]))
    assert (refused.exit_code, served) == (1, [])
    assert "is in use" in refused.stderr


def test_a_database_that_is_away_is_waited_for_and_then_given_up(
    run: Run, served: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "_DATABASE_PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr("app.cli.session._PATIENCE", timedelta(seconds=0.3))
    refused = run("serve", PORT=str(free_port()), MONGODB_URI=f"mongodb://127.0.0.1:{free_port()}")
    assert (refused.exit_code, served) == (1, [])
    lines = refused.stderr.splitlines()
    assert lines[0] == "! The database does not answer yet, waiting"
    assert lines[-1] == "✗ The database is away, please try again"


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
            assert client["playledger-cli"]["migrations"].count_documents({}) > 0

    monkeypatch.setattr(server, "run", look)
    done = run("serve", PORT=str(free_port()), MONGODB_URI="")
    assert done.exit_code == 0, done.stderr
    client = pymongo.MongoClient(uris[0], serverSelectionTimeoutMS=200)
    with client, pytest.raises(pymongo.errors.ServerSelectionTimeoutError):
        client.admin.command("ping")
