"""`python -m benchmarks`, cut short: that it runs, counts exactly, and leaves nothing behind."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_a_short_run_counts_exactly(tmp_path: Path) -> None:
    done = bench("--only", "views", "--seconds", "0.3", "--rounds", "1", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "NOT EXACT" not in done.stdout
    assert "exact" in done.stdout
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_an_unknown_benchmark_is_bad_usage() -> None:
    done = bench("--only", "nonsense")
    assert done.returncode == 2
    assert "views-hot" in done.stderr
