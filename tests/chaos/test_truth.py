"""A small run of the truth: repeated, late and broken events through `kill -9`, and then every number compared."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def truth(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.truth", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)


@pytest.mark.slow
def test_every_number_equals_the_truth() -> None:
    done = truth("--events", "20000", "--tracks", "30", "--kills", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every number is right." in done.stdout
    assert "with 2 kills" in done.stdout


def test_more_kills_than_days_are_bad_usage() -> None:
    assert truth("--days", "3", "--kills", "4").returncode == 2
