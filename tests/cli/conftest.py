"""The command line in this process, over the database of the tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pymongo
import pytest
from click.testing import Result
from pymongo.database import Database
from typer.testing import CliRunner

from app.cli import terminal
from app.cli.commands import app
from app.config import Settings
from app.repositories.mongo import Mongo
from tests.conftest import DATABASE
from tests.serving import SECRET

UNMIGRATED = "playledger-cli"

Run = Callable[..., Result]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Nothing is set but where data goes and the secret of the tests; no `.env` is near."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JWT_SECRET", SECRET)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    # The runner's standard error is closed when the command ends; loggers would keep it.
    monkeypatch.setattr(terminal, "configure_logs", lambda **_settings: None)
    return monkeypatch


@pytest.fixture
def db(mongo: Mongo, mongod: str) -> Iterator[Database]:
    """The command's database, migrated and empty."""
    with pymongo.MongoClient(mongod, tz_aware=True) as client:
        yield client[DATABASE]


@pytest.fixture
def run(environment: pytest.MonkeyPatch, mongod: str) -> Run:
    """Run a command; keyword arguments are environment."""
    environment.setenv("MONGODB_URI", mongod)
    environment.setenv("MONGODB_DATABASE", DATABASE)

    def run(*arguments: str, **variables: str) -> Result:
        return CliRunner().invoke(app, arguments, env=variables)

    return run


@pytest.fixture
def unmigrated(run: Run, environment: pytest.MonkeyPatch, mongod: str) -> Iterator[Database]:
    """Another database for the command, in which there is nothing at all."""
    environment.setenv("MONGODB_DATABASE", UNMIGRATED)
    with pymongo.MongoClient(mongod, tz_aware=True) as client:
        client.drop_database(UNMIGRATED)
        yield client[UNMIGRATED]


def has_ended(process: psutil.Process) -> bool:
    """Also when nobody has asked for its exit code yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
