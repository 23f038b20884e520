"""The shape of the code itself: layers, sizes, lock files, and nothing that belongs to one machine only."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LONGEST_FILE = 300
LOCKS = {"app": (), "run": ("embedded", "build"), "dev": ("embedded", "build", "dev")}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not in a git checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> dict[str, str]:
    """All tracked files that are text, by name."""
    found = {}
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            found[str(path.relative_to(ROOT))] = content.decode()
    return found


def test_the_import_contracts_hold() -> None:
    # In a process of its own: it sets up logging in a way that silences every logger that is there already.
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(linter), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("folder", ["app", "migrations"])
def test_files_are_short(folder: str) -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert lengths
    assert {path: length for path, length in lengths.items() if length > LONGEST_FILE} == {}


def test_modules_have_no_names_that_say_nothing() -> None:
    said_nothing = re.compile(r"(utils?|helpers?|common|misc|managers?)\b")
    names = [str(path.relative_to(ROOT)) for path in (ROOT / "app").rglob("*.py")]
    assert [name for name in names if said_nothing.search(name)] == []


def locked(name: str) -> dict[str, str]:
    """Versions by package."""
    lines = (ROOT / "requirements" / f"{name}.lock").read_text().splitlines()
    pins = [line.removesuffix("\\").strip() for line in lines if line and not line.startswith((" ", "#"))]
    named = ((Requirement(pin.split(";")[0]).name, pin) for pin in pins)  # without the extras, which the locks keep
    return {canonicalize_name(name): pin.split("==")[1].split(";")[0].strip() for name, pin in named}


@pytest.mark.parametrize(("name", "extras"), LOCKS.items())
def test_lock_files_are_in_step_with_the_project(name: str, extras: tuple[str, ...]) -> None:
    versions = locked(name)
    wanted = [*PROJECT["dependencies"], *(one for extra in extras for one in PROJECT["optional-dependencies"][extra])]
    requirements = [Requirement(one) for one in wanted]
    missing = [one.name for one in requirements if canonicalize_name(one.name) not in versions]
    assert missing == []
    wrong = [one for one in requirements if versions[canonicalize_name(one.name)] not in one.specifier]
    assert wrong == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    assert "://" not in text
    assert "--index-url" not in text
    packages = re.split(r"\n(?=\S)", text.strip())
    assert len(packages) > 20
    assert [package for package in packages if "--hash=sha256:" not in package] == []


def test_the_lock_files_agree() -> None:
    everything = locked("dev")
    for name in ("app", "run"):
        assert {package: everything.get(package) for package in locked(name)} == locked(name)


def test_locked_scripts_come_from_whichever_registry_is_set_up() -> None:
    locks = {name: text for name, text in texts().items() if name.endswith("package-lock.json")}
    assert locks
    assert [name for name, text in locks.items() if '"resolved"' in text] == []


def test_no_file_names_a_place_on_this_machine() -> None:
    places = {str(ROOT), str(Path.home()), sys.prefix} - {"/", "/root", "/app"}
    naming = {name: place for name, text in texts().items() for place in places if f"{place}/" in text}
    assert naming == {}


def test_every_module_says_what_belongs_in_it() -> None:
    silent = [path for path in (ROOT / "app").rglob("*.py") if not path.read_text().startswith('"""')]
    assert silent == []
