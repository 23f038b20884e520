"""`playledger serve` in processes of its own: how it greets, what it starts, and how it ends."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from pymongo.database import Database

from app.services.migrations import find_migrations
from tests.service import PLAYLEDGER, Service


def mongods_of(folder: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "mongod" and any(str(folder) in part for part in process.info["cmdline"] or ())
    ]


def migrated(service: Service, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command that makes everything in a database."""
    return subprocess.run(
        [str(PLAYLEDGER), "migrate", "up", "--json"],
        env=service.environment | environment,
        cwd=service.data_dir,
        capture_output=True,
        text=True,
        timeout=300,
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
    return service._process.wait(60)


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
    with urllib.request.urlopen(jobs, timeout=60) as answer:
        assert json.load(answer)["success"] is True
    as_listener = {"Authorization": f"Bearer {tokens['listener']}", "X-Tenant-Id": "demo"}
    episodes = urllib.request.Request(f"{service.address}/api/series/episodes/", headers=as_listener)
    with urllib.request.urlopen(episodes, timeout=60) as answer:
        assert [row["title"] for row in json.load(answer)["results"]] == ["Sintel", "Tears of Steel", "Big Buck Bunny"]
    with urllib.request.urlopen(f"{service.address}/demo-audio/once-only.wav", timeout=60) as answer:
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
        with urllib.request.urlopen(f"{other.address}/health/ready", timeout=60) as answer:
            assert answer.status == 200
    finally:
        assert other.stop() == 0
    assert mongods_of(service.data_dir) == []


def test_no_embedded_server_is_started_beside_a_given_one(mongod: str, db: Database, service: Service) -> None:
    service.environment |= {"MONGODB_URI": mongod, "MONGODB_DATABASE": db.name}
    service.start().wait_until_ready()
    assert mongods_of(service.data_dir) == []
    assert not (service.data_dir / "mongo").exists()
    assert end(service, signal.SIGTERM) == 0


def test_four_processes_migrate_at_once(mongod: str, service: Service) -> None:
    given = {"MONGODB_URI": mongod, "MONGODB_DATABASE": f"migrated-at-once-{time.monotonic_ns()}"}
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda _: migrated(service, **given), range(4)))
    assert [one.returncode for one in done] == [0] * 4, done
    applied = sorted(json.loads(one.stdout)["applied"] for one in done)
    assert applied == [[], [], [], [migration.name for migration in find_migrations()]]


def test_a_second_signal_leaves_no_server_behind(service: Service) -> None:
    for pause in (0.3, 0.5):
        service.start().wait_until_ready()
        os.kill(service.pid, signal.SIGTERM)
        time.sleep(pause)
        assert end(service, signal.SIGTERM) == 0
        assert mongods_of(service.data_dir) == []
