"""A command is loaded when it is called, and says of itself what the list of commands says."""

import subprocess
import sys

import pytest
from typer.main import get_command

from app.cli.commands import app

# Whatever these have to load besides, it is not the application.
LIGHT = (["--help"], ["token", "ann"], ["token", "--help"])
HEAVY = ("app.main", "app.container", "fastapi", "pymongo")


@pytest.mark.parametrize("name", get_command(app).commands)
def test_the_list_says_what_the_command_says(name: str) -> None:
    listed = get_command(app).commands[name]
    assert listed.help == listed.load().help.replace("\n", " ")


@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
@pytest.mark.usefixtures("environment")
def test_who_needs_no_application_loads_none(arguments: list[str]) -> None:
    told = "import sys; from app.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", told, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout
    assert set(HEAVY).isdisjoint(done.stderr.split())
