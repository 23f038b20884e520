"""mongod's log: kept from growing without end, and quoted when something went wrong."""

import json
import os
from pathlib import Path

MAX_BYTES = 16 * 1024 * 1024
TAIL_BYTES = 64 * 1024
QUOTED_LINES = 3
# Of the severities F(atal), E(rror), W(arning), I(nfo), D(ebug).
GRAVE = {"F", "E"}
# Written by mongod into a log that it continues.
RUN_BEGINS = "SERVER RESTARTED"


def rotate(log: Path, max_bytes: int = MAX_BYTES) -> None:
    """Set a log that grew beyond `max_bytes` aside, in the place of the one set aside before."""
    if log.exists() and log.stat().st_size > max_bytes:
        log.replace(log.with_suffix(".log.1"))


def last_words(log: Path) -> str:
    """The last grave lines of the last run, or its last lines when none is grave, on one line."""
    entries = _of_last_run([_read(line) for line in _tail(log)])
    grave = [text for severity, text in entries if severity in GRAVE]
    quoted = (grave or [text for _, text in entries])[-QUOTED_LINES:]
    return " | ".join(quoted) or "it says nothing"


def _of_last_run(entries: list[tuple[str, str]]) -> list[tuple[str, str]]:
    starts = [index for index, (_, text) in enumerate(entries) if RUN_BEGINS in text]
    return entries[starts[-1] + 1 :] if starts else entries


def _tail(log: Path) -> list[str]:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL_BYTES))
            return file.read().decode(errors="replace").splitlines()
    except OSError:
        return []


def _read(line: str) -> tuple[str, str]:
    """Severity and text of one line; what is not mongod's JSON (the loader's complaints, say) is grave."""
    try:
        entry = json.loads(line)
        detail = entry.get("attr", {}).get("error", "")
        reason = detail.get("errmsg", "") if isinstance(detail, dict) else detail
        return entry["s"], f"{entry['msg']} {reason}".strip()
    except (ValueError, KeyError, AttributeError):
        return "E", line.strip()
