"""`playledger sandbox` in a process of its own, and `python -m app.sandbox` as the child of another."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from app.parent import PARENT
from tests.cli.conftest import Run, has_ended
from tests.redis_server import free_port
from tests.service import PLAYLEDGER
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]
SMALL = ("--tracks", "50")


def environment(**more: str) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return inherited | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", "PYTHONUNBUFFERED": "1"} | more


def start(*command: str, folder: Path, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, env=environment(**more), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_it_tells_machines_where_it_is_and_ends_in_order(tmp_path: Path) -> None:
    process = start(str(PLAYLEDGER), "sandbox", "--port", "0", "--json", *SMALL, folder=tmp_path)
    try:
        said = json.loads(first_line(process))
        soundstripe = said["providers"]["soundstripe"]
        request = urllib.request.Request(
            f"{soundstripe['baseUrl']}/songs",
            headers={"Authorization": f"Token {soundstripe['credentials']['apiKey']}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert json.load(answer)["links"]["meta"]["total_count"] == 50
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def test_it_tells_people_what_to_set(tmp_path: Path) -> None:
    port = free_port()
    process = start(str(PLAYLEDGER), "sandbox", "--port", str(port), *SMALL, folder=tmp_path)
    try:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or "Ctrl-C" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], "".join(lines)
        said = "".join(lines)
        for shown in ("/artlist", "/openverse/v1", "sandbox-hooksounds-token", "curl -X PUT", f"127.0.0.1:{port}"):
            assert shown in said
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_port_in_use_is_said(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        result = run("sandbox", "--port", str(port))
    assert result.exit_code == 1
    assert f"Cannot listen on port {port}" in result.output


def test_it_is_not_for_production(run: Run, environment: pytest.MonkeyPatch) -> None:
    result = run(
        "sandbox", APP_ENV="production", CORS_ORIGINS="https://app.example.com", JWT_SECRET="x" * 64,
    )  # fmt: skip
    assert result.exit_code == 2
    assert "production" in result.output


def test_the_child_is_not_for_production_either(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app.sandbox"],
        env=environment(APP_ENV="production"), cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert "production" in done.stderr


async def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = start(
        sys.executable,
        "-c",
        "import os, subprocess, sys, time\n"
        f"os.environ['{PARENT}'] = str(os.getpid())\n"
        "child = subprocess.Popen([sys.executable, '-m', 'app.sandbox', '--tracks', '10'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n",
        folder=tmp_path,
    )
    try:
        child = psutil.Process(int(first_line(parent)))
        assert "soundstripe" in first_line(parent)
        parent.kill()
        parent.wait()
        await eventually(lambda: has_ended(child))
    finally:
        parent.kill()
        parent.communicate()
