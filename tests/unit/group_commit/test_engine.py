"""What the group-commit engine owes its callers."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Conflict, FailureReason, TransientFailure, Unavailable
from app.services.group_commit import Backoff, Bounds, GroupCommit, Merging
from app.services.group_commit.observer import Refusal
from tests.unit.group_commit.ledger import Ledger, Notes

QUICK = Backoff(conflict_base=0, conflict_cap=0, away_base=0, away_cap=0)
PATIENCE = timedelta(minutes=1)


def engine_over(ledger: Ledger, **options: object) -> GroupCommit[str, str]:
    return GroupCommit("test", ledger, **({"backoff": QUICK, "observer": Notes()} | options))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_idle_engine_commits_at_once() -> None:
    ledger = Ledger()
    assert await engine_over(ledger).submit("a") == "done a"
    assert ledger.committed == [["a"]]


async def test_those_who_are_ready_together_share_a_commit() -> None:
    ledger = Ledger()
    engine = engine_over(ledger)
    assert await asyncio.gather(*(engine.submit(word) for word in "abc")) == ["done a", "done b", "done c"]
    assert ledger.committed == [["a", "b", "c"]]


async def test_the_next_group_gathers_while_a_commit_is_in_flight() -> None:
    ledger = Ledger(gate=asyncio.Event())
    engine = engine_over(ledger)
    first = asyncio.create_task(engine.submit("a"))
    await settle()
    others = [asyncio.create_task(engine.submit(word)) for word in "bcd"]
    await settle()
    assert ledger.attempts == [["a"]]
    ledger.gate.set()
    await asyncio.gather(first, *others)
    assert ledger.committed == [["a"], ["b", "c", "d"]]


async def test_commits_begin_apart_and_an_idle_engine_still_commits_at_once() -> None:
    ledger, clock = Ledger(), asyncio.get_running_loop().time
    engine = engine_over(ledger, bounds=Bounds(patience=PATIENCE, apart=timedelta(seconds=3)))
    began = clock()
    tasks = [asyncio.create_task(engine.submit("a"))]
    await settle()
    assert ledger.committed == [["a"]]
    for word in "bc":
        tasks.append(asyncio.create_task(engine.submit(word)))
        await settle()
    await asyncio.gather(*tasks)
    assert ledger.committed == [["a"], ["b", "c"]]
    assert clock() - began >= 3


async def test_equal_keys_are_merged_and_everyone_gets_the_result() -> None:
    ledger = Ledger()
    merging = Merging[str](key=lambda word: word[0], fold=max)
    engine = engine_over(ledger, merging=merging)
    results = await asyncio.gather(*(engine.submit(word) for word in ["a1", "b1", "a3", "a2"]))
    assert ledger.committed == [["a3", "b1"]]
    assert results == ["done a3", "done b1", "done a3", "done a3"]


async def test_a_group_is_bounded() -> None:
    ledger = Ledger()
    engine = engine_over(ledger, bounds=Bounds(max_group=2))
    await asyncio.gather(*(engine.submit(word) for word in "abcde"))
    assert ledger.committed == [["a", "b"], ["c", "d"], ["e"]]


async def test_a_group_is_bounded_by_weight_and_a_heavy_item_goes_alone() -> None:
    ledger = Ledger()
    engine = engine_over(ledger, weigh=len, bounds=Bounds(max_group=4))
    await asyncio.gather(*(engine.submit(word) for word in ["aa", "bb", "cccccc", "d"]))
    assert ledger.committed == [["aa", "bb"], ["cccccc"], ["d"]]


async def test_a_full_queue_refuses_at_once() -> None:
    ledger = Ledger(gate=asyncio.Event())
    notes = Notes()
    engine = engine_over(ledger, bounds=Bounds(max_waiting=2), observer=notes)
    waiting = [asyncio.create_task(engine.submit("a"))]
    await settle()
    waiting += [asyncio.create_task(engine.submit(word)) for word in "bc"]
    await settle()
    with pytest.raises(Unavailable) as refused:
        await engine.submit("d")
    assert refused.value.retry_after_seconds >= 1
    assert notes.refusals == [Refusal.FULL]
    ledger.gate.set()
    assert await asyncio.gather(*waiting) == ["done a", "done b", "done c"]


async def test_a_cancelled_caller_changes_nothing_for_the_others() -> None:
    ledger = Ledger(gate=asyncio.Event())
    engine = engine_over(ledger)
    tasks = [asyncio.create_task(engine.submit(word)) for word in "abc"]
    await settle()
    tasks[1].cancel()
    await settle()
    ledger.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[0] == "done a"
    assert isinstance(results[1], asyncio.CancelledError)
    assert results[2] == "done c"


async def test_a_caller_that_is_cancelled_while_it_waits_in_line_is_not_written() -> None:
    ledger = Ledger(gate=asyncio.Event())
    engine = engine_over(ledger)
    first = asyncio.create_task(engine.submit("a"))
    await settle()
    second, third = asyncio.create_task(engine.submit("b")), asyncio.create_task(engine.submit("c"))
    await settle()
    second.cancel()
    ledger.gate.set()
    await asyncio.gather(first, third)
    assert ledger.committed == [["a"], ["c"]]


async def test_a_merged_item_is_written_while_anyone_waits_for_it() -> None:
    ledger = Ledger(gate=asyncio.Event())
    engine = engine_over(ledger, merging=Merging[str](key=lambda word: word, fold=lambda _older, newer: newer))
    first, second = asyncio.create_task(engine.submit("a")), asyncio.create_task(engine.submit("a"))
    await settle()
    first.cancel()
    ledger.gate.set()
    assert await second == "done a"


async def test_a_poisoned_item_fails_alone() -> None:
    ledger = Ledger(poison={"d"})
    notes = Notes()
    engine = engine_over(ledger, observer=notes)
    results = await asyncio.gather(*(engine.submit(word) for word in "abcdefg"), return_exceptions=True)
    assert [word for group in ledger.committed for word in group] == list("abcefg")
    assert isinstance(results[3], ValueError)
    assert [result for result in results if isinstance(result, str)] == [f"done {word}" for word in "abcefg"]
    assert notes.refusals == [Refusal.POISON]


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=2), max_size=30), st.sets(st.text("abcdefgh", max_size=2)))
def test_whatever_is_poisoned_the_others_are_written_exactly_once(words: list[str], poison: set[str]) -> None:
    async def run() -> None:
        ledger = Ledger(poison=poison)
        engine = engine_over(ledger, bounds=Bounds(max_group=7))
        results = await asyncio.gather(*(engine.submit(word) for word in words), return_exceptions=True)
        good = [word for word in words if word not in poison]
        assert sorted(word for group in ledger.committed for word in group) == sorted(good)
        assert [isinstance(result, ValueError) for result in results] == [word in poison for word in words]

    asyncio.run(run())


@pytest.mark.parametrize("reason", list(FailureReason))
async def test_transient_failures_and_unknown_results_are_retried(reason: FailureReason) -> None:
    ledger = Ledger()
    ledger.failures.extend([TransientFailure(reason)] * 3)
    notes = Notes()
    engine = engine_over(ledger, observer=notes)
    assert await asyncio.gather(engine.submit("a"), engine.submit("b")) == ["done a", "done b"]
    assert ledger.attempts == [["a", "b"]] * 4
    assert notes.retries == [reason] * 3


async def test_patience_ends_and_the_engine_lives_on() -> None:
    ledger = Ledger()
    ledger.failures.extend([TransientFailure(FailureReason.AWAY)] * 10_000)
    notes = Notes()
    engine = engine_over(
        ledger,
        observer=notes,
        bounds=Bounds(patience=timedelta(seconds=0.05)),
        backoff=Backoff(away_base=0.01, away_cap=0.01),
    )
    results = await asyncio.gather(engine.submit("a"), engine.submit("b"), return_exceptions=True)
    assert [type(result) for result in results] == [Unavailable, Unavailable]
    assert notes.refusals == [Refusal.LATE, Refusal.LATE]
    ledger.failures.clear()
    engine._bounds = Bounds(patience=PATIENCE)
    assert await engine.submit("c") == "done c"
    assert ledger.committed == [["c"]]


async def test_patience_counts_from_the_call_and_not_from_the_commit() -> None:
    """Whoever waits behind a commit that hangs is told in time, too."""
    ledger = Ledger(gate=asyncio.Event())
    engine = engine_over(ledger, bounds=Bounds(patience=timedelta(seconds=0.05)))
    first = asyncio.create_task(engine.submit("a"))
    await settle()
    with pytest.raises(Unavailable):
        await engine.submit("b")
    with pytest.raises(Unavailable):
        await first
    ledger.gate.set()
    engine._bounds = Bounds(patience=PATIENCE)
    assert await engine.submit("c") == "done c"


async def test_an_item_can_be_refused_on_its_own_merits() -> None:
    ledger = Ledger(refused={"b": Conflict("no b")})
    told: list[str] = []
    engine = engine_over(ledger, after_commit=told.extend)
    results = await asyncio.gather(*(engine.submit(word) for word in "abc"), return_exceptions=True)
    assert isinstance(results[1], Conflict)
    assert told == ["done a", "done c"]


async def test_listeners_hear_only_of_what_was_committed_and_cannot_break_it() -> None:
    ledger = Ledger()
    ledger.failures.append(TransientFailure(FailureReason.CONFLICT))
    heard: list[tuple[list[str], int]] = []

    def listen(results: Sequence[str]) -> None:
        heard.append((list(results), len(ledger.committed)))
        raise RuntimeError("the listener is broken")

    engine = engine_over(ledger, after_commit=listen)
    assert await engine.submit("a") == "done a"
    assert heard == [(["done a"], 1)]


async def test_a_commit_that_answers_too_little_fails_its_callers_at_once() -> None:
    async def forgetful(_items: Sequence[str]) -> Sequence[str]:
        return []

    with pytest.raises(RuntimeError, match="0 results"):
        await GroupCommit[str, str]("test", forgetful, observer=Notes()).submit("a")


async def test_closing_drains_and_then_refuses() -> None:
    ledger = Ledger(gate=asyncio.Event())
    engine = engine_over(ledger)
    tasks = [asyncio.create_task(engine.submit(word)) for word in "abc"]
    await settle()
    closing = asyncio.create_task(engine.close())
    await settle()
    with pytest.raises(Unavailable, match="shutting down"):
        await engine.submit("late")
    ledger.gate.set()
    await closing
    assert await asyncio.gather(*tasks) == ["done a", "done b", "done c"]


async def test_closing_does_not_wait_forever() -> None:
    ledger = Ledger(gate=asyncio.Event())
    engine = engine_over(ledger)
    first = asyncio.create_task(engine.submit("a"))
    await settle()
    second = asyncio.create_task(engine.submit("b"))
    await settle()
    await engine.close(timedelta(seconds=0.01))
    for task in (first, second):
        with pytest.raises(Unavailable):
            await task


async def test_closing_an_engine_that_was_never_used() -> None:
    await engine_over(Ledger()).close()


def test_pauses_grow_and_stay_below_their_cap() -> None:
    backoff = Backoff()
    for reason, cap in ((FailureReason.CONFLICT, backoff.conflict_cap), (FailureReason.AWAY, backoff.away_cap)):
        pauses = [backoff.pause(attempt, reason) for attempt in range(1, 200)]
        assert all(0 < pause <= cap for pause in pauses)
        assert max(pauses[:1]) < cap
        assert min(pauses[20:]) >= cap / 2
