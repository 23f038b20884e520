"""`playledger sync`: what it copies, what it says, and that whoever stops watching cancels nothing."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo.database import Database

from app.models.licensing.provider_setups import ProviderChange
from app.models.licensing.providers import ProviderName
from tests.chaos.licensing.syncing import SECRETS_KEY, container
from tests.cli.conftest import DATABASE, Run
from tests.licensing.sandbox import Sandbox
from tests.service import PLAYLEDGER
from tests.waiting import eventually

KEY = {"PROVIDER_SECRETS_KEY": SECRETS_KEY}


def set_up(mongod: str, sandbox: Sandbox, name: ProviderName) -> None:
    """The provider is the sandbox."""

    async def change() -> None:
        house = container(mongod, DATABASE)
        await house.migrations.up()
        given = ProviderChange(True, sandbox.base_urls[name], sandbox.credentials[name])
        await house.licensing.setups.change(name, given, "admin-1")
        await house.close()

    asyncio.run(change())


@pytest.fixture
def soundstripe(mongod: str, db: Database, sandbox: Sandbox) -> Sandbox:
    set_up(mongod, sandbox, ProviderName.SOUNDSTRIPE)
    return sandbox


@pytest.mark.parametrize(
    "options", [(), ("spotify",), ("soundstripe", "--max-tracks", "0"), ("soundstripe", "--max-tracks", "many")]
)
def test_bad_usage_is_2(run: Run, options: tuple[str, ...]) -> None:
    assert run("sync", *options).exit_code == 2


def test_what_is_not_set_up_is_refused(run: Run, db: Database) -> None:
    for provider, reason in (("soundstripe", "apiKey not set"), ("openverse", "no copy"), ("all", "No provider")):
        done = run("sync", provider, **KEY)
        assert (done.exit_code, reason in done.output) == (1, True), done.output


def test_a_catalogue_is_copied(run: Run, db: Database, soundstripe: Sandbox) -> None:
    done = run("sync", "soundstripe", "--max-tracks", "120", **KEY)
    assert done.exit_code == 0, done.output
    said = "✓ 120 tracks: 120 created, 0 updated, 0 unchanged, 0 failed; 0 vanished"
    assert done.output.strip().splitlines()[-1] == said
    assert db["licensed_tracks"].count_documents({}) == 120
    genre = db["licensed_tracks"].find_one({"genres.0": {"$exists": True}})["genres"][0]
    options = ("--genre", genre, "--genre", "no such genre", "--max-tracks", "3", "--no-update-existing")
    job = json.loads(run("sync", "soundstripe", *options, "--json", **KEY).stdout)
    assert (job["status"], job["progress"]["fetched"], job["error"]) == ("completed", 3, None)
    expected = {"maxTracks": 3, "genres": sorted([genre, "no such genre"]), "updateExisting": False, "trackIds": None}
    assert job["options"] == expected


def test_all_catalogues_are_copied(run: Run, db: Database, mongod: str, soundstripe: Sandbox) -> None:
    set_up(mongod, soundstripe, ProviderName.HOOKSOUNDS)
    job = json.loads(run("sync", "all", "--max-tracks", "5", "--json", **KEY).stdout)
    assert (job["provider"], job["status"], job["progress"]["created"]) == (
        "all",
        "completed",
        5 * len(job["children"]),
    )
    assert {"soundstripe", "hooksounds"} <= set(db["licensed_tracks"].distinct("provider"))


def test_a_sync_that_fails_is_1(run: Run, db: Database, mongod: str, sandbox: Sandbox) -> None:
    wrong = {ProviderName.SOUNDSTRIPE: {"apiKey": "wrong"}}
    set_up(mongod, Sandbox(sandbox.address, sandbox.base_urls, wrong, 0, sandbox.http), ProviderName.SOUNDSTRIPE)
    done = run("sync", "soundstripe", **KEY)
    assert (done.exit_code, "credentials" in done.output) == (1, True), done.output


@pytest.fixture
def watching(mongod: str, soundstripe: Sandbox, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`playledger sync`, which has begun and will take long."""
    asyncio.run(_delay(soundstripe))
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | KEY
    environment |= {"MONGODB_URI": mongod, "MONGODB_DATABASE": DATABASE, "DATA_DIR": str(tmp_path)}
    process = subprocess.Popen(
        [str(PLAYLEDGER), "sync", "soundstripe"],
        env=environment,
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever runs the tests in the background may have switched Ctrl-C off for all below.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    with process:
        yield process
        process.kill()


async def _delay(sandbox: Sandbox) -> None:
    # In a loop of its own, in which the client of the fixture cannot be used.
    async with type(sandbox.http)(base_url=sandbox.address, trust_env=False) as http:
        answer = await http.put("/control/latency", json={"provider": "soundstripe", "ms": 1500})
        assert answer.is_success


async def test_ctrl_c_ends_only_the_watching(db: Database, watching: subprocess.Popen[str]) -> None:
    # A process that has still to start is given as long as everywhere.
    await eventually(lambda: watching.poll() is not None or db["licensed_tracks"].count_documents({}) > 0, seconds=300)
    assert watching.poll() is None
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=60)
    assert watching.returncode == 1
    assert "not cancelled" in said
    job = db["sync_jobs"].find_one({})
    assert (job["status"], db["leases"].count_documents({"_id": f"sync-{job['_id']}"})) == ("running", 0)
