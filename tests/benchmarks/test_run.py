"""`python -m benchmarks`, cut short: that it runs, counts exactly, and leaves nothing behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.__main__ import app

ROOT = Path(__file__).parents[2]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)


def test_a_short_run_counts_exactly(tmp_path: Path) -> None:
    done = bench("--only", "views", "--seconds", "0.3", "--rounds", "1", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "NOT EXACT" not in done.stdout
    assert "exact" in done.stdout
    assert len(list(tmp_path.glob("*.json"))) == 1


@pytest.mark.slow
def test_a_short_run_of_the_statistics_is_exact(tmp_path: Path) -> None:
    wanted = ("--only", "ingest", "--only", "analytics", "--stored", "1000")
    done = bench(*wanted, "--seconds", "0.5", "--rounds", "1", "--results", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT EXACT" not in done.stdout
    (written,) = tmp_path.glob("*.json")
    report = json.loads(written.read_text())
    assert {one["benchmark"] for one in report["ratios"]} == {"ingest", "analytics"}
    assert len(report["exactness"]) == 10
    # A database that answers late is one that slow machines have; it is counted all the same, or not at all.
    faults = {one["firstFault"] for one in report["variants"]} - {None}
    assert all(fault.startswith("503 ") for fault in faults)
    answered = [one["variant"] for one in report["variants"] if one["acknowledged"] > 0]
    assert {name.split(",")[0] for name in answered} >= {"ingest", "insert_many"}
    # Beside the scans there are questions over ten events and over a thousand.
    assert any(name.startswith(("artist, 1", "dashboard, 1", "everything, 1", "track, 1")) for name in answered)


@pytest.mark.slow
def test_a_short_run_of_the_fanout_leaves_nobody_behind(tmp_path: Path) -> None:
    done = bench("--only", "fanout", "--seconds", "0.5", "--rounds", "1", "--results", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    (written,) = tmp_path.glob("*.json")
    report = json.loads(written.read_text())
    assert [one["rows"] for one in report["exactness"]] == [100, 1_000]
    assert all(one["acknowledged"] > 0 for one in report["variants"])


def test_an_unknown_benchmark_is_bad_usage() -> None:
    refused = CliRunner().invoke(app, ["--only", "nonsense"], env={"COLUMNS": "300"})
    assert refused.exit_code == 2
    assert "views-hot" in refused.stderr
