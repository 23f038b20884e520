"""The command line in this process, over the database of the tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pymongo
import pytest
from click.testing import Result
from pymongo.database import Database
from typer.testing import CliRunner

from app.cli import session
from app.cli.commands import app
from app.config import Settings
from tests.serving import SECRET

DATABASE = "playledger-cli"

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
    monkeypatch.setattr(session, "configure_logs", lambda **_settings: None)
    return monkeypatch


@pytest.fixture
def db(mongod: str) -> Iterator[Database]:
    """The command's database, empty and never migrated."""
    with pymongo.MongoClient(mongod, tz_aware=True) as client:
        client.drop_database(DATABASE)
        yield client[DATABASE]


@pytest.fixture
def run(environment: pytest.MonkeyPatch, mongod: str) -> Run:
    """Run a command; keyword arguments are environment."""
    environment.setenv("MONGODB_URI", mongod)
    environment.setenv("MONGODB_DATABASE", DATABASE)

    def run(*arguments: str, **variables: str) -> Result:
        return CliRunner().invoke(app, arguments, env=variables)

    return run
