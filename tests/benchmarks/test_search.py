"""What the benchmark `search` asks for, and how its mix of searches is counted out."""

import json
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.search.queries import COMMON, Requests, never_again, zipf

ROOT = Path(__file__).parents[2]


def test_no_two_new_queries_are_equal_and_all_find_the_same() -> None:
    queries = list(islice(never_again(), 5_000))
    assert len(set(queries)) == 5_000
    assert all(part in "amber" for query in queries for part in query.split())


def test_the_second_most_popular_comes_half_as_often() -> None:
    drawn = Counter(zipf(20_000))
    assert set(drawn) == set(COMMON)
    assert len(COMMON) == 50
    assert 0.4 < drawn[COMMON[1]] / drawn[COMMON[0]] < 0.6
    assert zipf(100) == zipf(100)


def test_a_request_is_a_whole_message() -> None:
    message = Requests("a-secret-for-tests-that-is-long-enough-to-be-taken").of("hip hop").decode()
    assert message.startswith("GET /api/music-licensing/search?query=hip+hop&limit=20 HTTP/1.1\r\n")
    assert message.endswith("\r\n\r\n")
    assert "Authorization: Bearer ey" in message


@pytest.mark.slow
def test_a_short_run_asks_each_provider_once_for_each_query(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "search", "--seconds", "0.3", "--rounds", "1"]
    done = subprocess.run(
        [*command, "--results", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (written,) = tmp_path.glob("*.json")
    report = json.loads(written.read_text())
    assert len(report["ratios"]) == 3
    assert all(one["failed"] == 0 for one in report["variants"])
    [tally] = report["exactness"]
    assert tally["exact"]
    assert tally["rows"] == 2 * len(COMMON)
