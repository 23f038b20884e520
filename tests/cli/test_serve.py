"""`playledger serve` in processes of its own: how it greets, what it starts, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from app.embedded.binary import find_mongod
from app.services.migrations import find_migrations
from tests.redis_server import free_port
from tests.service import PLAYLEDGER, Service


def mongods_of(folder: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "mongod" and any(str(folder) in part for part in process.info["cmdline"] or ())
    ]


def tried(service: Service, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command that is expected to end by itself."""
    return subprocess.run(
        [str(PLAYLEDGER), *command],
        env=service.environment | environment,
        cwd=service.data_dir,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    yield service
    service.stop()


def end(service: Service, number: signal.Signals) -> int:
    """The exit code after the signal."""
    os.kill(service.pid, number)
    assert service._process is not None
    return service._process.wait(20)


def test_a_demo_greets_with_pages_and_tokens_that_work(service: Service) -> None:
    service.start("--demo").wait_until_ready()
    log = service.log
    assert f"{len(find_migrations())} migrations applied" in log
    assert "6 demo songs added" in log
    assert f"{service.address}/docs" in log
    tokens = {parts[0]: parts[1] for parts in map(str.split, log.splitlines()) if len(parts) == 2 and "eyJ" in parts[1]}
    assert set(tokens) == {"listener", "artist", "admin"}
    jobs = urllib.request.Request(
        f"{service.address}/api/admin/jobs", headers={"Authorization": f"Bearer {tokens['admin']}"}
    )
    with urllib.request.urlopen(jobs, timeout=5) as answer:
        assert json.load(answer)["success"] is True
    as_listener = {"Authorization": f"Bearer {tokens['listener']}", "X-Tenant-Id": "demo"}
    episodes = urllib.request.Request(f"{service.address}/api/series/episodes/", headers=as_listener)
    with urllib.request.urlopen(episodes, timeout=5) as answer:
        assert [row["title"] for row in json.load(answer)["results"]] == ["Sintel", "Tears of Steel", "Big Buck Bunny"]
    with urllib.request.urlopen(f"{service.address}/demo-audio/once-only.wav", timeout=5) as answer:
        assert answer.read(4) == b"RIFF"

    [mongod] = mongods_of(service.data_dir)
    assert end(service, signal.SIGTERM) == 0
    assert not mongod.is_running()
    service.start().wait_until_ready()
    assert len(mongods_of(service.data_dir)) == 1
    assert end(service, signal.SIGINT) == 0
    assert mongods_of(service.data_dir) == []
    assert "Traceback" not in service.log


def test_two_services_on_one_folder_share_one_mongod(service: Service) -> None:
    service.start().wait_until_ready()
    other = Service(service.data_dir)
    try:
        other.start().wait_until_ready()
        [mongod] = mongods_of(service.data_dir)
        assert service.stop() == 0
        assert mongod.is_running()
        with urllib.request.urlopen(f"{other.address}/health/ready", timeout=5) as answer:
            assert answer.status == 200
    finally:
        assert other.stop() == 0
    assert mongods_of(service.data_dir) == []


def test_a_port_in_use_is_said_before_anything_is_started(service: Service) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = tried(service, "serve", "--port", str(port))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.strip() == (
        f"✗ Port {port} is in use. End what listens there, or choose another with PORT or --port."
    )
    assert not (service.data_dir / "mongo").exists()


def test_no_embedded_server_is_started_beside_a_given_one(mongod: str, tmp_path: Path) -> None:
    service = Service(tmp_path, MONGODB_URI=mongod, MONGODB_DATABASE="playledger-serve")
    service.start().wait_until_ready()
    assert mongods_of(tmp_path) == []
    assert not (tmp_path / "mongo").exists()
    assert end(service, signal.SIGTERM) == 0


def test_a_standalone_server_is_refused(service: Service, tmp_path: Path) -> None:
    port = free_port()
    folder = tmp_path / "standalone"
    folder.mkdir()
    options = ["--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1", "--nounixsocket"]
    with subprocess.Popen([str(find_mongod()), *options], stdout=subprocess.DEVNULL) as standalone:
        uri = f"mongodb://127.0.0.1:{port}"
        with ThreadPoolExecutor() as pool:
            commands = [["serve"], ["migrate", "up"], ["reconcile"]]
            done = list(pool.map(lambda command: tried(service, *command, MONGODB_URI=uri), commands))
        standalone.terminate()
    for refused in done:
        assert refused.returncode == 1
        sentence = refused.stderr.strip().splitlines()[-1]
        assert sentence.startswith("✗ The MongoDB server at MONGODB_URI is a standalone server")
        assert "Traceback" not in refused.stderr


def test_four_processes_migrate_at_once(mongod: str, service: Service) -> None:
    given = {"MONGODB_URI": mongod, "MONGODB_DATABASE": f"migrated-at-once-{time.monotonic_ns()}"}
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: tried(service, "migrate", "up", "--json", **given), range(4)))
    assert [one.returncode for one in done] == [0] * 4, done
    applied = sorted(json.loads(one.stdout)["applied"] for one in done)
    assert applied == [[], [], [], [migration.name for migration in find_migrations()]]


@pytest.mark.parametrize("binary", ["no-such-mongod", "README"], ids=["not there", "not a program"])
def test_a_mongod_that_does_not_run_is_said_in_a_sentence(service: Service, binary: str) -> None:
    (service.data_dir / "README").write_text("text")
    refused = tried(service, "migrate", "status", MONGOD_BINARY=str(service.data_dir / binary))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"✗ {service.data_dir / binary} ")
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("pause", [0.3, 0.5])
def test_a_second_signal_leaves_no_server_behind(service: Service, pause: float) -> None:
    service.start().wait_until_ready()
    os.kill(service.pid, signal.SIGTERM)
    time.sleep(pause)
    assert end(service, signal.SIGTERM) == 0
    assert mongods_of(service.data_dir) == []
