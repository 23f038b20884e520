"""Bounded transactions: all items in order, smaller pieces in a crowd, and the truth about what was in doubt."""

import asyncio
import random
import time
from collections.abc import Sequence

import pytest

from app.errors import FailureReason, TransientFailure, Unavailable
from app.services.group_commit import Backoff
from app.services.pieces import Pieces

NO_PAUSE = Backoff(0, 0, 0, 0)


class Ledger:
    """Takes items; fails as it is told, before or after it has written."""

    def __init__(self, *failures: FailureReason | None) -> None:
        self.failures = list(failures)
        self.sizes: list[int] = []
        self.written: set[int] = set()

    async def take(self, items: Sequence[int], is_in_doubt: bool) -> int:
        reason = self.failures.pop(0) if self.failures else None
        self.sizes.append(len(items))
        new = set(items) - self.written
        if reason is None or reason is FailureReason.UNKNOWN:
            self.written |= new
        if reason is not None:
            raise TransientFailure(reason)
        return len(items) if is_in_doubt else len(new)


async def apply(ledger: Ledger, count: int, largest: int = 8) -> list[int]:
    return [taken async for taken in Pieces(largest, NO_PAUSE).apply(range(count), ledger.take)]


async def test_nothing_to_do() -> None:
    assert await apply(Ledger(), 0) == []


async def test_full_pieces_while_nobody_is_in_the_way() -> None:
    assert await apply(Ledger(), 20) == [8, 8, 4]


async def test_a_conflict_halves_the_piece_and_success_doubles_it() -> None:
    ledger = Ledger(FailureReason.CONFLICT, FailureReason.CONFLICT, FailureReason.CONFLICT)
    assert sum(await apply(ledger, 20)) == 20
    assert ledger.sizes == [8, 4, 2, 1, 2, 4, 8, 5]


async def test_what_an_unknown_outcome_has_written_is_reported_once() -> None:
    assert await apply(Ledger(FailureReason.UNKNOWN), 12) == [8, 4]


async def test_what_is_in_doubt_stays_so_in_smaller_pieces() -> None:
    ledger = Ledger(FailureReason.UNKNOWN, FailureReason.CONFLICT)
    assert await apply(ledger, 12) == [4, 4, 4]
    assert ledger.written == set(range(12))


async def test_a_database_that_is_away_is_said_at_once() -> None:
    with pytest.raises(Unavailable, match="away"):
        await apply(Ledger(FailureReason.AWAY), 3)


async def test_a_row_that_is_always_busy_is_said_so() -> None:
    with pytest.raises(Unavailable, match="too often"):
        await apply(Ledger(*[FailureReason.CONFLICT] * 1_000), 3)


@pytest.mark.parametrize("seed", range(30))
async def test_whatever_fails_all_is_taken_and_counted_once(seed: int) -> None:
    source = random.Random(seed)
    failures = [source.choice([None, None, FailureReason.CONFLICT, FailureReason.UNKNOWN]) for _ in range(40)]
    ledger = Ledger(*failures)
    count = source.randrange(200)
    taken = sum(await apply(ledger, count, source.choice([1, 3, 8, 500])))
    assert ledger.written == set(range(count))
    assert taken == count


async def test_others_have_room_between_two_transactions() -> None:
    began: list[float] = []

    async def step(_items: Sequence[int], _is_in_doubt: bool) -> None:
        began.append(time.monotonic())
        await asyncio.sleep(0.01)

    assert len([one async for one in Pieces(1).apply(range(3), step)]) == 3
    assert began[1] - began[0] >= 0.03
    assert began[2] - began[1] >= 0.03
