"""The music providers of `playledger serve --demo`: where they are, and how they end."""

import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from pymongo.database import Database

from tests.cli.conftest import has_ended
from tests.service import Service
from tests.waiting import eventually


@pytest.fixture
def service(mongod: str, db: Database, tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path, MONGODB_URI=mongod, MONGODB_DATABASE=db.name)
    yield service
    service.stop()


def sandboxes_of(service: Service) -> list[psutil.Process]:
    children = psutil.Process(service.pid).children(recursive=True)
    return [one for one in children if "app.sandbox" in one.cmdline()]


def base_urls(service: Service) -> dict[str, str]:
    token = next(line.split()[1] for line in reversed(service.log.splitlines()) if line.startswith("  admin "))
    request = urllib.request.Request(
        f"{service.address}/api/admin/music-licensing/providers", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return {one["provider"]: one["baseUrl"] for one in json.load(answer)["items"] if one["configured"]}


async def test_six_providers_ask_the_sandbox_which_ends_with_the_service(service: Service) -> None:
    service.start("--demo").wait_until_ready()
    assert "6 music providers set up" in service.log
    [sandbox] = sandboxes_of(service)
    urls = base_urls(service)
    assert len(urls) == 6
    address = next(line.split()[1] for line in service.log.splitlines() if line.startswith("  sandbox "))
    assert all(url.startswith(address.removesuffix("/control")) for url in urls.values())
    with urllib.request.urlopen(address, timeout=60) as answer:
        assert answer.status == 200
    os.kill(service.pid, signal.SIGINT)
    assert service._process is not None
    assert service._process.wait(60) == 0
    assert not sandbox.is_running()

    service.start("--demo").wait_until_ready()
    [sandbox] = sandboxes_of(service)
    port = sandbox.net_connections()[0].laddr.port
    assert service.log.count("6 music providers set up") == 1
    assert {url.split("/")[2] for url in base_urls(service).values()} == {f"127.0.0.1:{port}"}
    service.kill_parent()
    await eventually(lambda: has_ended(sandbox))
