"""`@playledger/client`: its own tests, and what is published of it."""

import gzip
import json
import re
from pathlib import Path

import pytest

import app
from tests.clients.package import PACKAGE, install, node, npm

MOST_BYTES = 8 * 1024


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    install()


def test_under_the_test_runner_of_node() -> None:
    files = sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.glob("test/*.test.js"))
    done = node("--test", *files)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"^(?:#|ℹ) pass (\d+)$", done.stdout, re.MULTILINE)
    assert passed
    assert int(passed[1]) >= 30


def test_a_page_that_uses_all_of_it_loads_less_than_8_kib() -> None:
    bundled = npm("run", "--silent", "size")
    assert bundled.returncode == 0, bundled.stderr
    assert 4000 < len(gzip.compress(bundled.stdout.encode(), 9)) < MOST_BYTES


def test_what_a_page_does_not_use_it_does_not_load(tmp_path: Path) -> None:
    entry = tmp_path / "entry.js"
    entry.write_text(f'import {{ subscribeToSong }} from "{PACKAGE}/src/index.js"; subscribeToSong("s", console.log);')
    bundled = node("node_modules/esbuild/bin/esbuild", str(entry), "--bundle", "--minify", "--format=esm")
    assert bundled.returncode == 0, bundled.stderr
    assert "subscribe" in bundled.stdout
    for unused in ("/api/stats/events", "heartbeat", "/view`"):
        assert unused not in bundled.stdout


def test_types_are_those_of_the_source(tmp_path: Path) -> None:
    emitted = npm("run", "--silent", "types", "--", "--outDir", str(tmp_path))
    assert emitted.returncode == 0, emitted.stdout
    made = {path.name: path.read_text() for path in tmp_path.glob("*.d.ts")}
    kept = {path.name: path.read_text() for path in (PACKAGE / "types").glob("*.d.ts")}
    assert made == kept, "say 'npm run types' in clients/js"


def test_what_is_published() -> None:
    packed = npm("pack", "--dry-run", "--json", "--ignore-scripts")
    assert packed.returncode == 0, packed.stderr
    (package,) = json.loads(packed.stdout)
    files = {file["path"] for file in package["files"]}
    sources = {path.stem for path in PACKAGE.glob("src/*.js")}
    wanted = {"LICENSE", "README.md", "package.json"}
    wanted |= {f"src/{name}.js" for name in sources} | {f"types/{name}.d.ts" for name in sources}
    assert files == wanted
    assert package["size"] < 40_000


def test_the_package_stands_alone_and_has_the_version_of_the_service() -> None:
    about = json.loads((PACKAGE / "package.json").read_text())
    assert about["version"] == app.__version__
    assert "dependencies" not in about
    assert about["sideEffects"] is False
    bare = {
        name
        for path in PACKAGE.glob("src/*.js")
        for name in re.findall(r'^(?:import|export) .* from "([^."][^"]*)"', path.read_text(), re.MULTILINE)
    }
    assert bare == {"react"}
