"""Finds a real Chromium, or unpacks one: once per checkout, into a folder that git ignores."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.realtime.node import node_and_npm

TOOLS = Path(__file__).parent / "tools"
MODULES = TOOLS / "node_modules"
AXE = MODULES / "axe-core" / "axe.min.js"
_UNPACKED = MODULES / ".chromium"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARCHIVES = ("al2023", "fonts", "swiftshader")

# The same letters on every machine, so that screenshots are alike.
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias binding="same"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="same"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
"""


@dataclass(frozen=True)
class Chromium:
    """A program, and what its environment needs besides."""

    program: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def find_chromium() -> Chromium:
    """`CHROMIUM_BINARY`, else one on PATH, else the one that the lock file of the tools names."""
    install_tools()
    given = os.environ.get("CHROMIUM_BINARY")
    found = given or next(filter(None, map(shutil.which, _NAMES)), None)
    if found:
        return Chromium(Path(found))
    _unpack_once()
    libraries = {"LD_LIBRARY_PATH": str(_UNPACKED / "lib"), "FONTCONFIG_FILE": str(_UNPACKED / "fonts.conf")}
    return Chromium(_UNPACKED / "chromium", libraries)


def install_tools() -> None:
    """Install what the lock file names, once for each state of it."""
    wanted = hashlib.sha256((TOOLS / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".stamp"
    with _one_at_a_time():
        if stamp.exists() and stamp.read_text() == wanted:
            return
        command = [*node_and_npm()[1], "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=TOOLS, check=True, capture_output=True, text=True, timeout=300)
        stamp.write_text(wanted)


def _unpack_once() -> None:
    with _one_at_a_time():
        if _UNPACKED.exists():
            return
        unfinished = _UNPACKED.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        for name in _ARCHIVES:
            archive = unfinished / f"{name}.tar"
            _decompress(f"{name}.tar.br", archive)
            with tarfile.open(archive) as files:
                files.extractall(unfinished, filter="data")
            archive.unlink()
        (unfinished / "fonts.conf").write_text(_FONTS)
        _decompress("chromium.br", unfinished / "chromium")
        (unfinished / "chromium").chmod(0o755)
        unfinished.rename(_UNPACKED)


def _decompress(name: str, to: Path) -> None:
    packed = MODULES / "@sparticuz" / "chromium" / "bin" / name
    subprocess.run([node_and_npm()[0], str(TOOLS / "unpack.js"), str(packed), str(to)], check=True, timeout=120)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Tests run in several processes, and one of them unpacks."""
    with (TOOLS / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
