"""Which server was started last for a folder, written so that a crash leaves the old record or the new one."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """A hint, never proof: the process may be gone, and its number given to another."""

    pid: int
    port: int
    started_at: str


def read_record(path: Path) -> ServerRecord | None:
    """The record, or None where there is none that can be read."""
    try:
        entry = json.loads(path.read_text())
        return ServerRecord(pid=int(entry["pid"]), port=int(entry["port"]), started_at=str(entry["started_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(path: Path, record: ServerRecord) -> None:
    """Put the record in the place of the last one."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(record)) + "\n")
    draft.replace(path)
