"""What a run is judged by: ratios within a round, and exactness."""

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.cpu import Cpu
from benchmarks.exactness import Tally
from benchmarks.load import Slice
from benchmarks.machine import Machine
from benchmarks.measured import Measured, Options
from benchmarks.ratios import judge
from benchmarks.report import Report, show, write
from benchmarks.variants import Variant
from benchmarks.view_ratios import VIEW_BENCHMARKS, chosen, variants_of


def measured(variant: Variant, number: int, rate: int, slowest: float = 0.002) -> Measured:
    seen = Slice(1.0, acknowledged=rate)
    seen.latencies.extend([0.001] * (rate - rate // 20) + [slowest] * (rate // 20))
    return Measured(variant, number, seen, Cpu(server=rate * 1e-4, mongod=0.0, load=0.0))


def test_a_ratio_compares_slices_of_the_same_round() -> None:
    rounds = [
        measured(Variant.EMPTY, 0, 1000),
        measured(Variant.VIEWS, 0, 500),
        measured(Variant.VIEWS, 1, 70),
        measured(Variant.EMPTY, 1, 100),
        measured(Variant.EMPTY, 2, 10_000),
        measured(Variant.VIEWS, 2, 6000),
    ]
    views, _tail = judge(chosen(["views"]), rounds)
    assert (views.spread.low, views.spread.middle, views.spread.high) == pytest.approx((0.5, 0.6, 0.7))
    assert views.is_met


def test_the_middle_decides_and_a_tail_is_better_low() -> None:
    slow = [measured(Variant.EMPTY, 0, 1000), measured(Variant.VIEWS, 0, 590, slowest=0.0051)]
    assert [finding.is_met for finding in judge(chosen(["views"]), slow)] == [False, False]
    quick = [measured(Variant.EMPTY, 0, 1000), measured(Variant.VIEWS, 0, 600, slowest=0.0049)]
    assert [finding.is_met for finding in judge(chosen(["views"]), quick)] == [True, True]


def test_a_base_that_answered_nothing_is_no_division_by_zero() -> None:
    (finding,) = judge(chosen(["views-naive"])[1:], [measured(Variant.HOT, 0, 100), measured(Variant.NAIVE_HOT, 0, 0)])
    assert finding.spread.middle == float("inf")


def test_only_the_variants_that_are_needed_run() -> None:
    assert variants_of(chosen(["views"])) == [Variant.EMPTY, Variant.VIEWS]
    assert variants_of(chosen(["views-hot"])) == [Variant.VIEWS, Variant.HOT]
    assert variants_of(chosen(VIEW_BENCHMARKS)) == list(Variant)


@pytest.mark.parametrize(
    ("acknowledged", "failed", "rows", "counted", "is_exact"),
    [
        (10, 0, 10, 10, True),
        (10, 3, 12, 12, True),
        (10, 0, 9, 9, False),
        (10, 0, 11, 11, False),
        (10, 3, 14, 14, False),
        (10, 0, 10, 9, False),
        (10, 0, 10, 11, False),
    ],
)
def test_exact_is_every_acknowledged_view_once(
    acknowledged: int, failed: int, rows: int, counted: int, is_exact: bool
) -> None:
    assert Tally("views", acknowledged, failed, rows, counted).is_exact is is_exact


def report(tally: Tally) -> Report:
    rounds = [measured(Variant.EMPTY, 0, 1000), measured(Variant.VIEWS, 0, 700)]
    machine = Machine("0.1.0", 2, 0.5, "Linux x86_64", "3.11", "6.0.5")
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    return Report(now, machine, Options(1.0, 1, 64), rounds, judge(chosen(["views"]), rounds), [tally])


def test_the_report_names_what_is_not_exact() -> None:
    wrong = report(Tally("views", 10, 0, 9, 9))
    assert (wrong.is_exact, wrong.is_met) == (False, True)
    out = StringIO()
    show(wrong, Console(width=120, file=out))
    assert "NOT EXACT" in out.getvalue()


def test_the_json_holds_every_slice_and_every_ratio(tmp_path: Path) -> None:
    written = json.loads(write(report(Tally("views", 10, 0, 10, 10)), tmp_path / "results").read_text())
    assert written["machine"]["mongod"] == "6.0.5"
    assert [one["requestsPerSecond"] for one in written["variants"]] == [1000, 700]
    assert written["variants"][1]["cpuMicrosPerItem"] == {"server": 100.0, "mongod": 0.0, "load": 0.0}
    assert [(one["benchmark"], one["met"]) for one in written["ratios"]] == [("views", True), ("views", True)]
    assert written["exactness"][0]["exact"] is True
