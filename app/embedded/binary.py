"""Which mongod is run: the one that is named, the one on PATH, or the one that the `embedded` extra installs."""

import re
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from app.embedded.errors import EmbeddedMongoError

# Before 5.0 there are no snapshots outside of transactions, of which every answer of the statistics is read.
OLDEST = (5, 0)
ADVICE = (
    "Install the `embedded` extra (it carries a mongod for Linux on x86-64), or install MongoDB and set MONGOD_BINARY "
    "to its mongod, or set MONGODB_URI to a replica set, such as the one that `docker compose up` starts."
)


def find_mongod(named: Path | None = None) -> Path:
    """The first mongod that runs here; one that is `named` is the only candidate.

    MongoDB is under the SSPL, whichever way it comes to the machine.

    Raises:
        EmbeddedMongoError: none is there, or none runs, with what to do about it.
    """
    candidates = [named.expanduser().absolute()] if named else [*_on_path(), *_in_wheel()]
    faults = []
    for candidate in candidates:
        fault = _fault(candidate)
        if fault is None:
            return candidate
        faults.append(f"{candidate} {fault}.")
    raise EmbeddedMongoError(" ".join([*(faults or ["There is no mongod on this machine."]), ADVICE]))


def _on_path() -> list[Path]:
    found = shutil.which("mongod")
    return [Path(found).absolute()] if found else []


def _in_wheel() -> list[Path]:
    # Only the top package is looked up: asking for a module inside would run the package's own code.
    spec = find_spec("fiftyone")
    folders = spec.submodule_search_locations if spec else None
    binaries = (Path(folder, "db", "bin", "mongod") for folder in folders or ())
    return [binary for binary in binaries if binary.is_file()]


# Asked once per process: loading the binary costs 0.1 to 0.2 s.
@cache
def _fault(binary: Path) -> str | None:
    """Why it is of no use, as the rest of a sentence that begins with its name."""
    try:
        answer = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - the operator chose it
    except FileNotFoundError:
        return "is not there"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"cannot be run ({error})"
    if answer.returncode != 0:
        # Most often a C library or an OpenSSL that is too old for it; the loader's own line says which.
        return f"does not run here ({_last_line(answer.stderr or answer.stdout)})"
    return _version_fault(answer.stdout)


def _version_fault(output: str) -> str | None:
    version = re.search(r"db version v(\d+)\.(\d+)", output)
    if version is None:
        return "is not a mongod"
    if (int(version[1]), int(version[2])) < OLDEST:
        return f"is MongoDB {version[1]}.{version[2]}; 5.0 or newer is needed"
    return None


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it says nothing"])[-1]
